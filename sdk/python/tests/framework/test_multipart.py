import pytest
from collections.abc import Iterator
from typing import Any
from vilya.multipart import MultipartError, MultipartLimits, MultipartParser
from vilya.uploads import SyncUploadFile

BODY = (
    b"preamble, not read\r\n"
    b'--B\r\nContent-Disposition: form-data; name="text"\r\n\r\nh\xc3\xa9llo\r\n'
    b'--B \t\r\nContent-Disposition: form-data; name="empty"\r\n\r\n\r\n'
    b'--B\r\ncontent-disposition: form-data; name="file"; filename="a \\"b\\".txt"\r\ncontent-type: text/plain\r\n\r\n'
    b"x--B is no delimiter\n--B\r\n--\r\n"
    b"\r\n--B--\r\nepilogue, not read"
)


def parse(*pieces: bytes, limits: MultipartLimits | None = None) -> list[tuple[str, Any]]:
    parser = MultipartParser("B", SyncUploadFile, limits or MultipartLimits())
    for piece in pieces:
        parser.feed(piece)
    return [(name, value if isinstance(value, str) else describe(value)) for name, value in parser.finish()]


def describe(upload: SyncUploadFile) -> tuple[str, str | None, bytes]:
    with upload.file:
        return upload.filename, upload.content_type, upload.read()


EXPECTED = [
    ("text", "héllo"),
    ("empty", ""),
    ("file", ('a "b".txt', "text/plain", b"x--B is no delimiter\n--B\r\n--\r\n")),
]


def test_reads_fields_and_files() -> None:
    assert parse(BODY) == EXPECTED


def test_reads_the_same_however_the_body_is_cut() -> None:
    for index in range(len(BODY)):
        assert parse(BODY[:index], BODY[index:]) == EXPECTED
    assert parse(*(BODY[index : index + 1] for index in range(len(BODY)))) == EXPECTED


def truncations() -> Iterator[bytes]:
    end = BODY.index(b"--B--") + 4
    return (BODY[:index] for index in range(end))


def test_refuses_every_truncation() -> None:
    for body in truncations():
        with pytest.raises(MultipartError, match="ends before"):
            parse(body)


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b"--B\r\n\r\nx\r\n--B--\r\n", "no name"),
        (b'--B\r\nContent-Disposition: attachment; name="a"\r\n\r\nx\r\n--B--\r\n', "no name"),
        (b"--B\r\nContent-Disposition: form-data\r\n\r\nx\r\n--B--\r\n", "no name"),
        (b"--B\r\nbroken\r\n\r\nx\r\n--B--\r\n", "without ':'"),
        (b"--Bx\r\n", "something else than a line break"),
        (b"", "ends before"),
        (b"--other--\r\n", "ends before"),
    ],
)
def test_refuses_broken_bodies(body: bytes, message: str) -> None:
    with pytest.raises(MultipartError, match=message):
        parse(body)


@pytest.mark.parametrize("boundary", ["", "x" * 71])
def test_refuses_boundaries_without_a_length(boundary: str) -> None:
    with pytest.raises(MultipartError, match="boundary"):
        MultipartParser(boundary, SyncUploadFile, MultipartLimits())


def field(name: str, content: bytes, filename: str | None = None) -> bytes:
    extra = "" if filename is None else f'; filename="{filename}"'
    return f'--B\r\nContent-Disposition: form-data; name="{name}"{extra}\r\n\r\n'.encode() + content + b"\r\n"


@pytest.mark.parametrize(
    ("limits", "within", "past"),
    [
        (MultipartLimits(fields_max=2), field("a", b"") * 2, field("a", b"") * 3),
        (MultipartLimits(files_max=2), field("a", b"", "f") * 2, field("a", b"", "f") * 3),
        (MultipartLimits(field_bytes_max=4), field("a", b"1234"), field("a", b"12345")),
        (MultipartLimits(file_bytes_max=4), field("a", b"1234", "f"), field("a", b"12345", "f")),
        (MultipartLimits(header_bytes_max=42), field("abc", b"1"), field("abcd", b"1")),
    ],
)
def test_holds_its_limits(limits: MultipartLimits, within: bytes, past: bytes) -> None:
    parse(within + b"--B--\r\n", limits=limits)
    with pytest.raises(MultipartError) as caught:
        parse(past + b"--B--\r\n", limits=limits)
    assert caught.value.is_too_large


def test_headers_without_an_end_are_refused_before_they_fill_memory() -> None:
    parser = MultipartParser("B", SyncUploadFile, MultipartLimits())
    parser.feed(b"--B\r\n")
    with pytest.raises(MultipartError, match="too long"):
        parser.feed(b"x" * 9000)


def test_closes_files_after_an_error() -> None:
    files: list[SyncUploadFile] = []

    def remember(filename: str, **options: Any) -> SyncUploadFile:
        files.append(SyncUploadFile(filename, **options))
        return files[-1]

    parser = MultipartParser("B", remember, MultipartLimits())
    parser.feed(field("a", b"1", "x"))
    parser.feed(field("b", b"2", "y")[:-3])
    with pytest.raises(MultipartError):
        parser.finish()
    assert [file.file.closed for file in files] == [True, True]


def test_spools_large_files_to_disk() -> None:
    parser = MultipartParser("B", SyncUploadFile, MultipartLimits())
    parser.feed(field("a", b"x" * 3_000_000, "big") + b"--B--\r\n")
    [(_, upload)] = parser.finish()
    assert not isinstance(upload, str)
    assert upload.size == 3_000_000
    assert getattr(upload.file, "_rolled") is True  # noqa: B009 - typeshed does not know it
    upload.close()
