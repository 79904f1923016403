import asyncio
import pytest
from typing import Any
from vilya import App, HTTPException, PlainTextResponse, WebSocket, WebSocketDisconnect, WebSocketException
from vilya.testing import TestClient, WebSocketDenied


def client_of(handler: Any, **options: Any) -> TestClient:
    app = App()
    app.add_websocket_route("/", handler)
    return TestClient(app, **options)


def test_text_bytes_and_json_go_both_ways() -> None:
    async def echo(websocket: WebSocket) -> None:
        await websocket.accept(headers={"x-a": "1"})
        await websocket.send_text(await websocket.receive_text())
        await websocket.send_bytes(await websocket.receive_bytes())
        await websocket.send_json(await websocket.receive_json())
        await websocket.send_json(await websocket.receive_json(), mode="binary")

    with client_of(echo).websocket_connect("/") as session:
        assert session.headers["x-a"] == "1"
        # An empty message is a message.
        session.send_text("")
        assert session.receive_text() == ""
        session.send_bytes(b"")
        assert session.receive_bytes() == b""
        session.send_json({"a": "é"})
        assert session.receive_json() == {"a": "é"}
        session.send_bytes(b"[1]")
        assert session.receive_bytes() == b"[1]"
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive()
        assert caught.value.code == 1000


def test_iterating_ends_when_the_client_leaves() -> None:
    seen: list[Any] = []

    async def texts(websocket: WebSocket) -> None:
        await websocket.accept()
        async for text in websocket.iter_text():
            seen.append(text)
        seen.append(websocket.client_state.value)

    with client_of(texts).websocket_connect("/") as session:
        session.send_text("a")
        session.send_text("b")
    assert seen == ["a", "b", "disconnected"]


@pytest.mark.parametrize("method", ["iter_bytes", "iter_json"])
def test_iterates_over_other_kinds(method: str) -> None:
    seen: list[Any] = []

    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        async for value in getattr(websocket, method)():
            seen.append(value)

    with client_of(handler).websocket_connect("/") as session:
        session.send_bytes(b"1")
    assert seen == [b"1" if method == "iter_bytes" else 1]


def test_a_message_with_both_keys_is_the_one_that_is_not_none() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.send_text(await websocket.receive_text())
        await websocket.send_bytes(await websocket.receive_bytes())

    with client_of(handler).websocket_connect("/") as session:
        session.send({"type": "websocket.receive", "text": "", "bytes": None})
        assert session.receive_text() == ""
        session.send({"type": "websocket.receive", "text": None, "bytes": b"x"})
        assert session.receive_bytes() == b"x"


def test_the_wrong_kind_is_told() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(TypeError, match="sent bytes"):
            await websocket.receive_text()
        with pytest.raises(TypeError, match="sent text"):
            await websocket.receive_bytes()
        with pytest.raises(ValueError, match=r"."):
            await websocket.receive_json()
        await websocket.send_text("done")

    with client_of(handler).websocket_connect("/") as session:
        session.send_bytes(b"x")
        session.send_text("x")
        session.send_text("{")
        assert session.receive_text() == "done"


def test_the_clients_code_and_reason_arrive() -> None:
    seen: list[Any] = []

    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        try:
            await websocket.receive_text()
        except WebSocketDisconnect as error:
            seen.append((error.code, error.reason))
            with pytest.raises(RuntimeError, match="received already"):
                await websocket.receive()
            # Closing what is closed has no effect.
            await websocket.close()

    with client_of(handler).websocket_connect("/") as session:
        session.close(3001, "enough")
    assert seen == [(3001, "enough")]


def test_subprotocols_are_chosen_from_the_offer() -> None:
    async def handler(websocket: WebSocket) -> None:
        with pytest.raises(ValueError, match="the client offers"):
            await websocket.accept("other")
        await websocket.accept(websocket.subprotocols[1])

    with client_of(handler).websocket_connect("/", ["a", "b"]) as session:
        assert session.accepted_subprotocol == "b"


@pytest.mark.parametrize("code", [0, 999, 1004, 1005, 1006, 1015, 2999, 5000])
def test_codes_that_are_never_sent_are_refused(code: int) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await websocket.close(code)

    with pytest.raises(ValueError, match="are allowed"), client_of(handler).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive()
        assert caught.value.code == 1011


def test_a_reason_fits_into_its_frame() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        with pytest.raises(ValueError, match="123 bytes"):
            await websocket.close(1000, "é" * 62)
        await websocket.close(4000, "é" * 61)

    with client_of(handler).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive()
        assert (caught.value.code, caught.value.reason) == (4000, "é" * 61)


def test_order_is_checked() -> None:
    async def handler(websocket: WebSocket) -> None:
        with pytest.raises(RuntimeError, match="Cannot send: the WebSocket is connecting"):
            await websocket.send_text("x")
        with pytest.raises(RuntimeError, match=r"accept\(\) comes first"):
            await websocket.receive_text()
        await websocket.accept()
        with pytest.raises(RuntimeError, match="Cannot accept"):
            await websocket.accept()
        with pytest.raises(RuntimeError, match="Cannot deny"):
            await websocket.send_denial_response(PlainTextResponse(""))
        await websocket.close()
        with pytest.raises(RuntimeError, match="disconnected"):
            await websocket.send_text("x")

    with client_of(handler).websocket_connect("/"):
        pass


@pytest.mark.parametrize(
    ("error", "code"), [(WebSocketException(4001, "no"), 4001), (WebSocketException(), 1008), (HTTPException(403), 1008)]
)
def test_what_a_handler_raises_closes(error: Exception, code: int) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        raise error

    with client_of(handler).websocket_connect("/") as session:
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive()
        assert caught.value.code == code


@pytest.mark.parametrize(
    ("receive", "sent", "code"),
    [
        (WebSocket.receive_text, b"x", 1003),
        (WebSocket.receive_bytes, "x", 1003),
        (WebSocket.receive_json, "{", 1007),
        (WebSocket.receive_json, "[" * 100_000, 1007),
    ],
    ids=["bytes for text", "text for bytes", "no JSON", "deep JSON"],
)
def test_a_message_that_the_handler_cannot_take_closes_and_is_no_fault(receive: Any, sent: str | bytes, code: int) -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        await receive(websocket)

    with client_of(handler).websocket_connect("/") as session:
        session.send_bytes(sent) if isinstance(sent, bytes) else session.send_text(sent)
        with pytest.raises(WebSocketDisconnect) as caught:
            session.receive()
        assert caught.value.code == code


def test_a_fault_is_1011_and_raised() -> None:
    async def handler(websocket: WebSocket) -> None:
        await websocket.accept()
        raise KeyError("secret")

    codes: list[int] = []
    with pytest.raises(KeyError), client_of(handler).websocket_connect("/") as session:
        try:
            session.receive()
        except WebSocketDisconnect as closed:
            codes.append(closed.code)
            assert "secret" not in closed.reason
    assert codes == [1011]


def denied(client: TestClient) -> WebSocketDenied:
    with pytest.raises(WebSocketDenied) as caught, client.websocket_connect("/"):
        pass
    return caught.value


def test_refusing_is_a_403_or_a_response() -> None:
    async def closes(websocket: WebSocket) -> None:
        await websocket.close()

    async def denies(websocket: WebSocket) -> None:
        await websocket.send_denial_response(PlainTextResponse("pay", 402, {"x-a": "1"}))

    async def raises(websocket: WebSocket) -> None:
        raise HTTPException(401, "who?", {"www-authenticate": "Basic"})

    assert denied(client_of(closes)).status_code == 403
    answer = denied(client_of(denies))
    assert (answer.status_code, answer.body, answer.headers["x-a"]) == (402, b"pay", "1")
    answer = denied(client_of(raises))
    assert (answer.status_code, answer.body, answer.headers["www-authenticate"]) == (401, b"who?", "Basic")
    # A server that knows no such responses.
    assert denied(client_of(denies, extensions=())).status_code == 403


def test_a_path_without_a_route_is_a_404() -> None:
    client = TestClient(App())
    assert denied(client).status_code == 404


def test_a_client_that_left_before_or_while_it_was_accepted() -> None:
    seen: list[str] = []

    async def handler(websocket: WebSocket) -> None:
        try:
            await websocket.accept()
            await websocket.send_text("x")
        except WebSocketDisconnect:
            seen.append("left")
            raise

    async def run(first: str) -> None:
        async def receive() -> Any:
            return {"type": first, "code": 1006}

        async def send(message: Any) -> None:
            if message["type"] != "websocket.accept":
                raise ConnectionResetError()

        app = App()
        app.add_websocket_route("/", handler)
        await app({"type": "websocket", "path": "/", "headers": []}, receive, send)

    asyncio.run(run("websocket.disconnect"))
    asyncio.run(run("websocket.connect"))
    assert seen == ["left", "left"]


def test_a_handler_must_be_a_coroutine() -> None:
    def handler(websocket: WebSocket) -> None: ...

    with pytest.raises(TypeError, match="coroutine function"):
        App().add_websocket_route("/", handler)
