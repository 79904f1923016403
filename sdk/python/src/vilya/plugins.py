"""Plugins: code that looks at every request before its handler, and at every response before it leaves."""

from __future__ import annotations

import inspect
from .headers import MutableHeaders, lowered
from .requests import Request
from .responses import Response
from .types import ASGIApp, Message, Receive, Scope, Send
from collections.abc import Awaitable, Sequence
from typing import Any


class ResponseHead:
    """What a plugin sees of a response: its status and headers, to be read and changed. The body passes by unread."""

    __slots__ = ("headers", "status_code")

    def __init__(self, status_code: int, headers: MutableHeaders) -> None:
        self.status_code = status_code
        self.headers = headers


class Plugin:
    """Override one or both, as functions or coroutines. What they raise is what a handler had raised."""

    def on_request(self, request: Request) -> Response | Awaitable[Response | None] | None:
        """Before the handler. A response that is returned is sent instead of asking it."""
        return None

    def on_response(self, request: Request, response: ResponseHead) -> Awaitable[None] | None:
        """Before the response begins."""
        return None


class PluginMiddleware:
    """Runs plugins around an application: requests in their order, responses in the opposite one."""

    def __init__(self, app: ASGIApp, plugins: Sequence[Plugin]) -> None:
        self.app = app
        self.plugins = plugins

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request = Request(scope, receive, send)
        asked: list[Plugin] = []

        async def with_plugins(message: Message) -> None:
            if message["type"] == "http.response.start":
                head = ResponseHead(message["status"], MutableHeaders(raw=lowered(message.get("headers", ()))))
                for plugin in reversed(asked):
                    await _awaited(plugin.on_response(request, head))
                message = {**message, "status": head.status_code, "headers": head.headers.raw}
            await send(message)

        for plugin in self.plugins:
            # One that answers itself sees its response, and so do those before it.
            asked.append(plugin)
            response = await _awaited(plugin.on_request(request))
            if response is not None:
                await response(scope, receive, with_plugins)
                return
        await self.app(scope, receive, with_plugins)


async def _awaited(value: Any) -> Any:
    return await value if inspect.isawaitable(value) else value
