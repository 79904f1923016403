from framework import reference


def test_the_reference_page_is_what_the_code_says() -> None:
    assert reference.PAGE.read_text(encoding="utf-8") == reference.render(), (
        "type: python sdk/python/tests/framework/reference.py > docs/reference/python-framework.md"
    )
