"""Forms that the engine has read before a worker was taken (`uploads.enabled`): fields by name, files by path.

`engine_form(scope)` gives them to any ASGI application, `engine_form(environ)` to any WSGI application; the framework's `request.form()`
uses it by itself. Applications that parse the body themselves get one that says the same.
"""

from __future__ import annotations

from .exceptions import HTTPException
from .headers import Headers
from .multipart import MultipartLimits
from .params import FormData
from .uploads import SyncUploadFile, Upload, UploadFile
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

U = TypeVar("U", bound=Upload)


def engine_form(connection: Mapping[str, Any]) -> FormData[Any] | None:
    """The form of an ASGI scope, with files of the class UploadFile, or of a WSGI environ, with SyncUploadFile.

    None where the engine has read none. Each file has its `path`, which is the app's to move until the request is answered; then the engine
    deletes what is still there. Close the form when you have read it.
    """
    facts = form_facts_of(connection)
    if facts is None:
        return None
    return form_of_facts(facts, SyncUploadFile if "wsgi.version" in connection else UploadFile)


def form_facts_of(connection: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """What a worker has put into a scope or an environ."""
    if "wsgi.version" in connection:
        return connection.get("vilya.form")
    facts: Mapping[str, Any] | None = connection.get("extensions", {}).get("vilya", {}).get("form")
    return facts


def form_of_facts(facts: Mapping[str, Any], upload_type: Callable[..., U], limits: MultipartLimits | None = None) -> FormData[U]:
    """Raises HTTPException 413 past limits of the app's own; the engine's have held already."""
    fields, files = facts["fields"], facts["files"]
    if limits is not None:
        _check(fields, files, limits)
    pairs: list[tuple[str, str | U]] = list(fields)
    for file in files:
        headers = Headers(raw=[(b"content-type", file["type"].encode("latin-1", "replace"))] if file["type"] else [])
        pairs.append((file["name"], upload_type(file["filename"], headers=headers, path=file["path"], size=file["size"])))
    return FormData(pairs)


def _check(fields: list[tuple[str, str]], files: list[Mapping[str, Any]], limits: MultipartLimits) -> None:
    if len(files) > limits.files_max:
        raise HTTPException(413, "Cannot read form: it has too many files")
    if len(fields) > limits.fields_max:
        raise HTTPException(413, "Cannot read form: it has too many fields")
    if any(len(value.encode()) > limits.field_bytes_max for _, value in fields):
        raise HTTPException(413, "Cannot read form: a field is too large")
    if any(file["size"] > limits.file_bytes_max for file in files):
        raise HTTPException(413, "Cannot read form: a file is too large")
