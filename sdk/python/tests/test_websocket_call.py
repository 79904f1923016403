"""A WebSocket as an ASGI application sees it."""

from __future__ import annotations

import pytest
from engine import App, Engine, Frame, in_loop
from typing import Any

ACCEPT = {"type": "websocket.accept"}


async def opened(engine: Engine, **more: Any) -> Frame:
    """Asks for a WebSocket; returns the engine's answer to it, and grants credit as the engine does."""
    frame = await engine.answer(websocket=True, protocols=["chat", "soap"], socket="s-1", **more)
    if frame.get("status") == 101:
        engine.send(type="credit", id=frame["id"], bytes=1_000)
    return frame


def accepting(*messages: Any) -> App:
    """An application that accepts, sends these, and returns when the socket has closed."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        assert await receive() == {"type": "websocket.connect"}
        for message in (ACCEPT, *messages):
            await send(message)
        while (await receive())["type"] != "websocket.disconnect":
            pass

    return app


def ended(engine: Engine, code: int = 1001, reason: str = "") -> None:
    engine.send(type="ws_close", id=1, code=code, reason=reason, clean=True)


@in_loop
async def test_gets_a_scope_as_the_specification_has_it() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        seen.append(scope)
        await send({"type": "websocket.close"})

    async with Engine(app) as engine:
        await opened(engine, scheme="https")
    scope = seen[0]
    assert (scope["type"], scope["scheme"], scope["subprotocols"]) == ("websocket", "wss", ["chat", "soap"])
    assert "method" not in scope
    assert "websocket.http.response" in scope["extensions"]


@in_loop
async def test_accepts_with_a_subprotocol_and_headers_and_without_having_received() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({**ACCEPT, "subprotocol": "soap", "headers": [(b"X-A", b"1")]})
        assert (await receive())["type"] == "websocket.connect"

    async with Engine(app) as engine:
        frame = await opened(engine)
        assert frame == {"type": "head", "id": 1, "status": 101, "headers": {b"x-a": b"1"}, "protocol": b"soap"}
        assert await engine.frame() == {"type": "end", "id": 1}


@in_loop
async def test_carries_text_and_bytes_both_ways() -> None:
    seen: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        await send(ACCEPT)
        while (message := await receive())["type"] == "websocket.receive":
            seen.append((message["text"], message["bytes"]))
            await send({"type": "websocket.send", "text": message["text"], "bytes": message["bytes"]})
        seen.append((message["code"], message["reason"]))
        assert (await receive())["type"] == "websocket.disconnect"

    async with Engine(app) as engine:
        await opened(engine)
        for content, is_binary in ((b"gr\xc3\xbc\xc3\x9fe", False), (b"", False), (b"\0\xff", True), (b"", True)):
            engine.send(type="ws_message", id=1, data=content, binary=is_binary)
            assert await engine.frame() == {"type": "ws_message", "id": 1, "data": content, "binary": is_binary}
        ended(engine, 4000, "bye")
        assert await engine.frame() == {"type": "end", "id": 1}
    assert seen == [("gr\xfc\xdfe", None), ("", None), (None, b"\0\xff"), (None, b""), (4000, "bye")]


@pytest.mark.parametrize(
    ("close", "expected"),
    [({}, (1000, b"")), ({"code": 4001, "reason": "bye"}, (4001, b"bye")), ({"code": None, "reason": None}, (1000, b""))],
)
@in_loop
async def test_closes_and_is_told_of_the_end(close: Any, expected: Any) -> None:
    async with Engine(accepting({"type": "websocket.close", **close})) as engine:
        await opened(engine)
        code, reason = expected
        assert await engine.frame() == {"type": "ws_close", "id": 1, "code": code, "reason": reason}
        ended(engine)
        assert await engine.frame() == {"type": "end", "id": 1}


@in_loop
async def test_refuses_with_403_or_with_a_response_of_its_own() -> None:
    start = {"type": "websocket.http.response.start", "status": 401, "headers": [(b"X-A", b"1")]}

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        if scope["path"] == "/close":
            await send({"type": "websocket.close", "code": 3000})
        else:
            await send(start)
            await send({"type": "websocket.http.response.body", "body": b"\xff", "more_body": scope["path"] == "/parts"})
            if scope["path"] == "/parts":
                await send({"type": "websocket.http.response.body", "body": b"\xfe"})
        assert (await receive()) == {"type": "websocket.disconnect", "code": 1006, "reason": ""}

    async with Engine(app) as engine:
        assert (await opened(engine, path="/close"))["status"] == 403
        assert await opened(engine, path="/whole") == {"id": 2, "status": 401, "headers": {b"x-a": b"1"}, "body": b"\xff"}
        assert (await opened(engine, path="/parts"))["type"] == "head"
        engine.send(type="credit", id=3, bytes=100)
        assert [(await engine.frame()).get("body") for _ in range(2)] == [b"\xff", b"\xfe"]
        assert (await engine.frame())["type"] == "end"


@in_loop
async def test_sends_while_there_is_credit_and_one_message_may_be_larger() -> None:
    def text(length: int) -> Any:
        return {"type": "websocket.send", "text": "x" * length}

    async with Engine(accepting(text(2_000), text(1), text(1))) as engine:
        await opened(engine)
        assert len((await engine.frame())["data"]) == 2_000
        assert await engine.is_silent()
        engine.send(type="credit", id=1, bytes=1_016)
        assert await engine.is_silent()
        engine.send(type="credit", id=1, bytes=1)
        assert len((await engine.frame())["data"]) == 1
        assert await engine.is_silent()
        ended(engine)
        assert await engine.frame() == {"type": "end", "id": 1}


@in_loop
async def test_a_message_that_no_frame_holds_is_an_error_and_the_socket_goes_on() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(ACCEPT)
        with pytest.raises(ValueError, match=r"at most 10485760 are allowed \(workers.frame_size\)"):
            await send({"type": "websocket.send", "bytes": bytes(10 << 20)})
        await send({"type": "websocket.send", "text": "smaller"})

    async with Engine(app) as engine:
        await opened(engine)
        assert (await engine.frame())["data"] == b"smaller"
        assert "error" not in await engine.frame()


@in_loop
async def test_grants_what_the_application_has_taken() -> None:
    async with Engine(accepting()) as engine:
        await opened(engine)
        engine.send(type="ws_message", id=1, data=b"x" * 400, binary=True)
        assert await engine.is_silent()
        engine.send(type="ws_message", id=1, data=b"x" * 400, binary=True)
        assert await engine.frame() == {"type": "credit", "id": 1, "bytes": 832}
        ended(engine)
        assert (await engine.frame())["type"] == "end"


@in_loop
async def test_a_client_that_leaves_before_it_is_accepted_is_no_error(capsys: pytest.CaptureFixture[str]) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await receive()
        assert (await receive())["code"] == 1006
        await send(ACCEPT)

    async with Engine(app) as engine:
        engine.request(websocket=True, protocols=[], socket="s-1")
        assert await engine.is_silent()
        engine.send(type="cancel", id=1)
        assert await engine.frame() == {"type": "end", "id": 1}
    assert capsys.readouterr().err == ""


WRONG: list[tuple[str, Any, str]] = [
    ("nothing said", None, "without accepting or refusing"),
    ("a send first", {"type": "websocket.send", "text": "x"}, "websocket.accept, websocket.close or a response is expected"),
    ("a subprotocol nobody offers", {**ACCEPT, "subprotocol": "x"}, "does not offer the subprotocol 'x'"),
    ("a subprotocol among headers", {**ACCEPT, "headers": [(b"Sec-WebSocket-Protocol", b"chat")]}, "belongs in subprotocol"),
]


@pytest.mark.parametrize(("message", "reason"), [case[1:] for case in WRONG], ids=[case[0] for case in WRONG])
@in_loop
async def test_what_is_no_answer_is_an_error(message: Any, reason: str) -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        if message is not None:
            await send(message)

    async with Engine(app) as engine:
        assert reason in (await opened(engine))["error"].decode()


WRONG_LATER: list[tuple[str, Any, str]] = [
    ("a second accept", ACCEPT, "websocket.send or websocket.close is expected"),
    ("no content", {"type": "websocket.send"}, "exactly one of text and bytes"),
    ("both contents", {"type": "websocket.send", "text": "x", "bytes": b"x"}, "exactly one of text and bytes"),
    ("a code that may not be sent", {"type": "websocket.close", "code": 1006}, "its code is 1006"),
    ("a reason of 124 bytes", {"type": "websocket.close", "reason": "x" * 124}, "longer than 123 bytes"),
]


@pytest.mark.parametrize(("message", "reason"), [case[1:] for case in WRONG_LATER], ids=[case[0] for case in WRONG_LATER])
@in_loop
async def test_what_is_no_message_ends_the_socket_with_an_error(message: Any, reason: str) -> None:
    async with Engine(accepting(message)) as engine:
        await opened(engine)
        end = await engine.frame()
        assert (end["type"], reason in end["error"].decode()) == ("end", True)


@in_loop
async def test_who_sends_behind_the_end_gets_an_oserror_and_behind_its_own_close_an_error() -> None:
    errors: list[type[Exception]] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send(ACCEPT)
        await send({"type": "websocket.close"})
        while (await receive())["type"] != "websocket.disconnect":
            await try_to_send(send)
        await try_to_send(send)

    async def try_to_send(send: Any) -> None:
        try:
            await send({"type": "websocket.send", "text": "x"})
        except Exception as error:
            errors.append(type(error))

    async with Engine(app) as engine:
        await opened(engine)
        await engine.frame()
        ended(engine)
        assert await engine.frame() == {"type": "end", "id": 1}
    assert [issubclass(error, OSError) for error in errors] == [False, True]
