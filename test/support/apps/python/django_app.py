"""A Django project in one file: the paths that all frameworks are tested with, the admin, sessions, and a socket by Channels."""

from __future__ import annotations

import asyncio
import django
from collections.abc import AsyncIterator, Iterator
from django.conf import settings
from pathlib import Path
from trace import trace
from typing import Any

settings.configure(
    ALLOWED_HOSTS=["*"],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": Path("site.sqlite3").absolute()}},
    DATA_UPLOAD_MAX_MEMORY_SIZE=None,
    INSTALLED_APPS=[
        "django.contrib.admin",
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.messages",
        "django.contrib.sessions",
        "django.contrib.staticfiles",
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.middleware.common.CommonMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "django.contrib.messages.middleware.MessageMiddleware",
    ],
    LOGGING_CONFIG=None,
    # Tables are made as they are, and passwords hashed as fast as can be: the start of a test is no upgrade.
    MIGRATION_MODULES={"admin": None, "auth": None, "contenttypes": None, "sessions": None},
    PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="of a test",
    STATIC_URL="/static/",
    TEMPLATES=[
        {
            "BACKEND": "django.template.backends.django.DjangoTemplates",
            "APP_DIRS": True,
            "OPTIONS": {
                "context_processors": [
                    "django.template.context_processors.request",
                    "django.contrib.auth.context_processors.auth",
                    "django.contrib.messages.context_processors.messages",
                ]
            },
        }
    ],
)
django.setup()

from channels.generic.websocket import AsyncWebsocketConsumer  # noqa: E402 - Django has to be set up before
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.contrib import admin  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.asgi import get_asgi_application  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse  # noqa: E402
from django.urls import path  # noqa: E402

call_command("migrate", run_syncdb=True, verbosity=0)
if not get_user_model().objects.filter(username="root").exists():
    get_user_model().objects.create_superuser("root", "root@example.com", "secret")


def hello(_: HttpRequest, name: str) -> HttpResponse:
    return JsonResponse({"hello": name, "made": "at start"})


def upload(request: HttpRequest) -> HttpResponse:
    file: Any = request.FILES["file"]
    return JsonResponse({"title": request.POST["title"], "filename": file.name, "bytes": len(file.read())})


def length(request: HttpRequest) -> HttpResponse:
    return JsonResponse({"bytes": sum(len(part) for part in iter(lambda: request.read(65_536), b""))})


def stream(_: HttpRequest) -> HttpResponse:
    return StreamingHttpResponse((f"part {number}\n" for number in range(3)), content_type="text/plain")


async def stream_async(_: HttpRequest) -> HttpResponse:
    async def parts() -> AsyncIterator[str]:
        for number in range(3):
            yield f"part {number}\n"
            await asyncio.sleep(0)

    return StreamingHttpResponse(parts(), content_type="text/plain")


async def events_async(_: HttpRequest) -> HttpResponse:
    async def ticks() -> AsyncIterator[str]:
        try:
            while True:
                yield "data: tick\n\n"
                await asyncio.sleep(0.01)
        finally:
            trace("left")

    return StreamingHttpResponse(ticks(), content_type="text/event-stream")


def events(_: HttpRequest) -> HttpResponse:
    def ticks() -> Iterator[str]:
        try:
            while True:
                yield "data: tick\n\n"
        finally:
            trace("left")

    return StreamingHttpResponse(ticks(), content_type="text/event-stream")


def fail(_: HttpRequest) -> HttpResponse:
    raise ValueError("the secret reason")


def count(request: HttpRequest) -> HttpResponse:
    request.session["count"] = request.session.get("count", 0) + 1
    return JsonResponse({"count": request.session["count"]})


class Socket(AsyncWebsocketConsumer):
    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        await self.send((text_data or "").upper())

    async def disconnect(self, code: int) -> None:
        trace(f"socket {code}")


common = [
    path("admin/", admin.site.urls),
    path("hello/<name>", hello),
    path("upload", upload),
    path("length", length),
    path("fail", fail),
    path("count", count),
]
urlpatterns = [
    *common,
    path("stream", stream),
    path("events", events),
    path("stream-async", stream_async),
    path("events-async", events_async),
]

application = get_wsgi_application()
asgi = ProtocolTypeRouter({"http": get_asgi_application(), "websocket": URLRouter([path("socket", Socket.as_asgi())])})
