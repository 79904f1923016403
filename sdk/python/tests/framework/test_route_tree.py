import pytest
from typing import Any
from vilya.convertors import CONVERTORS, register_convertor
from vilya.exceptions import NoMatchFound
from vilya.route_tree import ANY_METHOD, RouteTree
from vilya.templates import PathTemplate

GET = frozenset({"GET"})


def tree_of(*paths: str) -> RouteTree[str]:
    tree: RouteTree[str] = RouteTree()
    for path in paths:
        tree.add(PathTemplate(path), GET, path)
    return tree


@pytest.mark.parametrize(
    ("paths", "asked", "found"),
    [
        (["/"], "/", ("/", [])),
        (["/"], "//", None),
        (["/a"], "/a/", None),
        (["/a/"], "/a/", ("/a/", [])),
        (["/a"], "/A", None),
        (["/{x}"], "/", None),
        (["/{x}"], "/a", ("/{x}", ["a"])),
        (["/{x}"], "/a/b", None),
        # Text goes before parameters, and is given up where it leads nowhere.
        (["/a/{x}", "/a/b"], "/a/b", ("/a/b", [])),
        (["/a/{x}/c", "/a/b/d"], "/a/b/c", ("/a/{x}/c", ["b"])),
        (["/a/{x}/b", "/a/static/c"], "/a/static/b", ("/a/{x}/b", ["static"])),
        (["/{a}/{b}/x", "/{a}/y/{c}"], "/1/y/x", ("/{a}/y/{c}", ["1", "x"])),
        (["/{a}/{b}/x", "/{a}/y/{c}"], "/1/z/x", ("/{a}/{b}/x", ["1", "z"])),
        # Typed parameters go before untyped ones.
        (["/{x}", "/{x:int}"], "/1", ("/{x:int}", ["1"])),
        (["/{x}", "/{x:int}"], "/a", ("/{x}", ["a"])),
        (["/{x:int}"], "/-1", None),
        (["/{x:int}"], "/12345678901234567890", None),
        (["/{x:int}"], "/\u0661", None),
        (["/{x:float}"], "/1.5", ("/{x:float}", ["1.5"])),
        (["/v{major:int}.{minor:int}"], "/v1.2", ("/v{major:int}.{minor:int}", ["1", "2"])),
        (["/{name}.json", "/{name}"], "/a.json", ("/{name}.json", ["a"])),
        (["/{name}.json", "/{name}"], "/a.xml", ("/{name}", ["a.xml"])),
        # The rest of a path goes last, takes slashes, and may be empty.
        (["/f/{p:path}"], "/f/", ("/f/{p:path}", [""])),
        (["/f/{p:path}"], "/f/a//b", ("/f/{p:path}", ["a//b"])),
        (["/f/{p:path}"], "/f", None),
        (["/{p:path}", "/f/{x}"], "/f/1/2", ("/{p:path}", ["f/1/2"])),
        (["/{p:path}/edit"], "/a/b/edit", ("/{p:path}/edit", ["a/b"])),
        (["/{p:path}/edit"], "/a/edit/edit", ("/{p:path}/edit", ["a/edit"])),
        (["/{p:path}/edit", "/{p:path}"], "/a/edit/b", ("/{p:path}", ["a/edit/b"])),
        # What was a space or a slash in a percent-encoding is text by now.
        (["/{x}"], "/a b\n", ("/{x}", ["a b\n"])),
    ],
)
def test_finds(paths: list[str], asked: str, found: tuple[str, list[str]] | None) -> None:
    for order in (paths, paths[::-1]):
        assert tree_of(*order).find(asked, "GET") == found


def test_takes_the_route_that_has_the_method() -> None:
    tree: RouteTree[str] = RouteTree()
    tree.add(PathTemplate("/a/b"), GET, "static")
    tree.add(PathTemplate("/a/{x}"), frozenset({"POST", "PUT"}), "plain")
    tree.add(PathTemplate("/{p:path}"), frozenset({ANY_METHOD}), "any")
    assert tree.find("/a/b", "GET") == ("static", [])
    assert tree.find("/a/b", "POST") == ("plain", ["b"])
    assert tree.find("/a/b", "PATCH") == ("any", ["a/b"])
    assert tree.methods("/a/b") == {"GET", "POST", "PUT", ANY_METHOD}
    assert tree.methods("/a/c") == {"POST", "PUT", ANY_METHOD}


def test_the_first_of_two_routes_with_one_path_stays() -> None:
    tree: RouteTree[int] = RouteTree()
    tree.add(PathTemplate("/{a}"), GET, 1)
    tree.add(PathTemplate("/{b}"), GET, 2)
    assert tree.find("/x", "GET") == (1, ["x"])


def test_a_path_made_to_backtrack_is_answered_soon() -> None:
    # Each segment fits three ways; a search that tried all combinations would not end.
    paths = ["/" + "/".join(kinds) + "/end" for kinds in (["a"] * 30, [f"{{x{index}}}" for index in range(30)])]
    tree = tree_of(*paths, "/{p:path}/other")
    assert tree.find("/" + "/".join("a" * 30), "GET") is None
    assert tree.methods("/" + "/".join("a" * 30)) == frozenset()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("a", "begins with"),
        ("/{a}/{a}", "one name"),
        ("/{a:nothing}", "no convertor"),
        ("/{1}", "no name of a parameter"),
        ("/{a", "a brace is open"),
        ("/a}", "a brace is open"),
        ("/x{p:path}", "stands alone"),
        ("/{p:path}/{q:path}", "one parameter of kind 'path'"),
    ],
)
def test_refuses_paths_that_are_none(path: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PathTemplate(path)


@pytest.mark.parametrize(
    ("path", "params", "rendered"),
    [
        ("/a", {}, "/a"),
        ("/{x}", {"x": "a b/".rstrip("/")}, "/a%20b"),
        ("/{x:int}/{y:float}", {"x": 3, "y": 1.5}, "/3/1.5"),
        ("/f/{p:path}", {"p": "a/b?"}, "/f/a/b%3F"),
    ],
)
def test_renders(path: str, params: dict[str, Any], rendered: str) -> None:
    assert PathTemplate(path).render(params) == rendered


def test_refuses_to_render_what_it_would_not_find_again() -> None:
    with pytest.raises(NoMatchFound):
        PathTemplate("/{x}").render({})
    with pytest.raises(NoMatchFound):
        PathTemplate("/{x}").render({"x": 1, "y": 2})
    with pytest.raises(ValueError, match="one segment"):
        PathTemplate("/{x}").render({"x": "a/b"})
    with pytest.raises(ValueError, match="not negative"):
        PathTemplate("/{x:int}").render({"x": -1})


def test_takes_convertors_of_the_application() -> None:
    register_convertor("hex", "[0-9a-f]+", lambda text: int(text, 16), lambda value: f"{value:x}")
    try:
        template = PathTemplate("/{n:hex}")
        assert template.convertors[0].decode("ff") == 255
        assert template.render({"n": 255}) == "/ff"
        with pytest.raises(ValueError, match="new identifier"):
            register_convertor("hex", ".", str)
    finally:
        del CONVERTORS["hex"]
