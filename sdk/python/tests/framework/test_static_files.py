import pytest
from pathlib import Path
from vilya import App, StaticFiles
from vilya.testing import TestClient


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "public"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / ".well-known").mkdir()
    (folder / "a.txt").write_text("a")
    (folder / "%41.txt").write_text("percent")
    (folder / ".env").write_text("secret")
    (folder / ".well-known" / "x").write_text("known")
    (folder / "index.html").write_text("root")
    (folder / "sub" / "index.html").write_text("sub")
    (tmp_path / "secret.txt").write_text("secret")
    (tmp_path / "public-too").mkdir()
    (tmp_path / "public-too" / "x").write_text("secret")
    (folder / "link").symlink_to(tmp_path / "secret.txt")
    (folder / "inner").symlink_to(folder / "a.txt")
    return folder


def client_of(folder: Path, **options: bool | int) -> TestClient:
    app = App()
    app.mount("/s", StaticFiles(folder, **options))  # type: ignore[arg-type]
    return TestClient(app, follow_redirects=False)


def test_serves_files(folder: Path) -> None:
    client = client_of(folder, max_age_s=60)
    got = client.get("/s/a.txt")
    assert (got.text, got.headers["cache-control"]) == ("a", "public, max-age=60")
    assert client.get("/s/%2541.txt").text == "percent"
    assert client.get("/s/.well-known/x").text == "known"
    assert client.get("/s/inner").text == "a"
    assert client.head("/s/a.txt").status_code == 200
    got = client.post("/s/a.txt")
    assert (got.status_code, got.headers["allow"]) == (405, "GET, HEAD")


@pytest.mark.parametrize(
    "path",
    [
        "../secret.txt",
        "%2e%2e/secret.txt",
        "..%2fsecret.txt",
        "sub/../../secret.txt",
        "../public-too/x",
        "..\\secret.txt",
        "%5c..%5csecret.txt",
        "/etc/passwd",
        "//etc/passwd",
        "link",
        ".env",
        "a.txt/",
        "a.txt%00",
        "a.txt/b",
        "none",
        "sub",
        "sub/deep/",
        "",
        "x" * 5000,
        "%ff",
    ],
)
def test_everything_else_is_not_found(folder: Path, path: str) -> None:
    # By raw scope: a client would tidy the path up.
    client = client_of(folder)
    assert client.get(f"/s/{path}").status_code == 404


def test_follows_links_out_only_where_that_is_wanted(folder: Path) -> None:
    assert client_of(folder, follow_links=True).get("/s/link").text == "secret"


def test_serves_pages_of_folders(folder: Path) -> None:
    client = client_of(folder, html=True)
    assert client.get("/s/").text == "root"
    assert client.get("/s/sub/").text == "sub"
    got = client.get("/s/sub")
    assert (got.status_code, got.headers["location"]) == (307, "sub/")
    assert client.get("/s/sub/deep").status_code == 404
    assert client.get("/s/sub/deep/").status_code == 404


def test_a_redirect_to_a_folder_stays_here(folder: Path) -> None:
    (folder / "evil:x").mkdir()
    (folder / "evil:x" / "index.html").write_text("")
    assert client_of(folder, html=True).get("/s//evil:x").headers["location"] == "evil%3Ax/"


def test_refuses_a_folder_that_is_none(folder: Path) -> None:
    with pytest.raises(ValueError, match="no such folder"):
        StaticFiles(folder / "none")
