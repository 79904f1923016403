"""A folder of files as an ASGI application, for mounting. Behind Vilya's front its own static files are faster."""

from __future__ import annotations

import os
from .exceptions import HTTPException
from .file_response import FileResponse
from .responses import RedirectResponse
from .threads import run_in_thread
from .types import Receive, Scope, Send
from .url import path_below_root
from pathlib import Path
from urllib.parse import quote


class StaticFiles:
    """Serves the files below `directory`, and with `html` the `index.html` of its folders.

    Nothing outside of it: links that lead out are followed with `follow_links` only. Names that begin with a dot are not served,
    `.well-known` (RFC 8615) excepted. `max_age_s` is what browsers may keep a file without asking.
    """

    def __init__(
        self, directory: str | os.PathLike[str], *, html: bool = False, follow_links: bool = False, max_age_s: int | None = None
    ) -> None:
        self.directory = Path(directory).resolve()
        self.html = html
        self.follow_links = follow_links
        self.max_age_s = max_age_s
        if not self.directory.is_dir():
            raise ValueError(f"Cannot serve files of {directory}: no such folder, an existing one is allowed")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            raise HTTPException(404)
        if scope["method"] not in ("GET", "HEAD"):
            raise HTTPException(405, headers={"allow": "GET, HEAD"})
        found = await run_in_thread(self._find, path_below_root(scope))
        if found is None:
            # The links of a page are relative to the slash. So is this: a path cannot become a host in it.
            await RedirectResponse(quote(scope["path"].rpartition("/")[2], safe="") + "/")(scope, receive, send)
            return
        headers = None if self.max_age_s is None else {"cache-control": f"public, max-age={self.max_age_s:d}"}
        await FileResponse(found, headers=headers)(scope, receive, send)

    def _find(self, path: str) -> Path | None:
        """The file, None for a folder with a page that was asked for without a slash. Raises HTTPException(404)."""
        names = [name for name in path.split("/") if name]
        try:
            return self._look_up(names, is_folder=path.endswith("/"))
        except OSError:
            # A name that is too long, a folder that may not be read.
            raise HTTPException(404) from None

    def _look_up(self, names: list[str], *, is_folder: bool) -> Path | None:
        if any(_is_hidden(name) or "\\" in name or "\0" in name for name in names):
            raise HTTPException(404)
        found = self.directory.joinpath(*names)
        is_page = self.html and found.is_dir()
        if is_page:
            found /= "index.html"
        elif is_folder:
            raise HTTPException(404)
        if not found.is_file() or not (self.follow_links or found.resolve().is_relative_to(self.directory)):
            raise HTTPException(404)
        return None if is_page and not is_folder else found


def _is_hidden(name: str) -> bool:
    """`.` and `..` among them."""
    return name.startswith(".") and name != ".well-known"
