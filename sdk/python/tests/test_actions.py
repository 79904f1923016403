"""What an application has the engine do: sockets, topics and metrics."""

from __future__ import annotations

import asyncio
import json
import pytest
from collections.abc import Callable
from engine import Engine, Frame, in_loop
from messages import START, body
from typing import Any
from vilya import hooks, metrics, sockets
from vilya._worker import actions
from vilya.websockets import WebSocket

FEATURES = ("stream", "actions", "websocket_session")


async def carried(engine: Engine) -> Frame:
    """The only action of the next frame."""
    frame = await engine.frame()
    assert frame["type"] == "actions"
    (action,) = frame["actions"]
    return {key.decode(): value.decode() if isinstance(value, bytes) else value for key, value in action.items()}


def acting(act: Callable[[], Any]) -> Any:
    """An application that acts, and then answers."""

    async def app(scope: Any, receive: Any, send: Any) -> None:
        act()
        await send(START)
        await send(body())

    return app


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (lambda: sockets.publish("lobby", "tea"), {"do": "publish", "topic": "lobby", "data": "tea", "binary": False}),
        (
            lambda: sockets.publish("lobby", b"tea", exclude="a-1"),
            {"do": "publish", "topic": "lobby", "data": "tea", "binary": True, "except": "a-1"},
        ),
        (lambda: sockets.send("a-1", "tea"), {"do": "send", "socket": "a-1", "data": "tea", "binary": False}),
        (lambda: sockets.close("a-1", 4000, "enough"), {"do": "close", "socket": "a-1", "code": 4000, "reason": "enough"}),
        (lambda: sockets.subscribe("a-1", "lobby"), {"do": "subscribe", "socket": "a-1", "topic": "lobby"}),
        (lambda: sockets.unsubscribe("a-1", "lobby"), {"do": "unsubscribe", "socket": "a-1", "topic": "lobby"}),
    ],
)
@in_loop
async def test_an_action_leaves_before_the_answer(act: Callable[[], None], expected: Frame) -> None:
    async with Engine(acting(act), features=FEATURES) as engine:
        assert "actions" in [feature.decode() for feature in engine.hello["features"]]
        request_id = engine.request()
        assert await carried(engine) == expected
        assert (await engine.frame())["id"] == request_id


@in_loop
async def test_threads_act_too_and_their_actions_keep_their_order() -> None:
    def app(environ: Any, start_response: Any) -> list[bytes]:
        sockets.publish("lobby", "first")
        sockets.publish("lobby", "second")
        start_response("200 OK", [])
        return [b"done"]

    async with Engine(app, interface="wsgi", features=FEATURES) as engine:
        engine.request()
        assert [(await carried(engine))["data"] for _ in range(2)] == ["first", "second"]
        assert (await engine.frame())["body"] == b"done"


@in_loop
async def test_what_a_start_hook_does_waits_for_the_engine(fresh_hooks: None) -> None:
    @hooks.on_start
    def start() -> None:
        metrics.gauge("model_version", 3)

    @hooks.on_shutdown
    def stop() -> None:
        sockets.publish("lobby", "closed")

    engine = Engine(acting(lambda: None), features=FEATURES)
    async with engine:
        assert json.loads((await carried(engine))["data"])[0]["name"] == "model_version"
        engine.send(type="stop", grace_ms=200)
        assert (await carried(engine))["data"] == "closed"


@in_loop
async def test_no_more_waits_than_is_bounded() -> None:
    with actions.Actions():
        for _ in range(actions.WAITING_COUNT_MAX):
            sockets.publish("lobby", "tea")
        with pytest.raises(RuntimeError, match="1000 actions wait for the worker to be ready"):
            sockets.publish("lobby", "one too many")


@pytest.mark.parametrize(
    ("act", "kind", "reason"),
    [
        (lambda: metrics.count("orders", labels={"paid_by": "card"}, help="Orders."), "counter", [1, {"paid_by": "card"}, "Orders."]),
        (lambda: metrics.gauge("stock", 12.5), "gauge", [12.5, {}, ""]),
        (lambda: metrics.observe("payment_seconds", 0.21), "histogram", [0.21, {}, ""]),
    ],
)
@in_loop
async def test_metrics_are_samples_for_the_engine(act: Callable[[], None], kind: str, reason: list[Any]) -> None:
    async with Engine(acting(act), features=FEATURES) as engine:
        engine.request()
        action = await carried(engine)
        (sample,) = json.loads(action["data"])
        assert (action["topic"], sample["type"], [sample["value"], sample["labels"], sample["help"]]) == ("$metrics", kind, reason)
        await engine.frame()


@in_loop
async def test_a_metric_that_is_no_number_costs_nobody_a_request() -> None:
    async with Engine(acting(lambda: metrics.gauge("stock", float("nan"))), features=FEATURES) as engine:
        assert (await engine.answer())["status"] == 200


def test_nobody_listens_outside_of_a_worker() -> None:
    metrics.count("orders")
    with pytest.raises(RuntimeError, match="no worker of Vilya runs in this process"):
        sockets.publish("lobby", "tea")


@in_loop
async def test_an_engine_that_takes_no_actions_gets_none() -> None:
    refusals: list[str] = []

    def act() -> None:
        metrics.count("orders")
        try:
            sockets.publish("lobby", "tea")
        except RuntimeError as error:
            refusals.append(str(error))

    async with Engine(acting(act), features=("stream",)) as engine:
        assert (await engine.answer())["status"] == 200
    assert refusals == ["Cannot reach the engine: it takes no actions of this worker"]


@pytest.mark.parametrize(
    ("act", "reason"),
    [
        (lambda: sockets.publish("", "tea"), "its name has 0 bytes"),
        (lambda: sockets.subscribe("a-1", "x" * 65_537), "its name has 65537 bytes"),
        (lambda: sockets.publish("lobby", "\ud800"), "surrogates not allowed"),
        (lambda: sockets.close("a-1", 1006), "its code is 1006"),
        (lambda: sockets.close("a-1", 1000, "x" * 124), "longer than 123 bytes"),
        (lambda: sockets.send("a-1", bytes(10 << 20)), "at most 10485760 are allowed"),
    ],
)
@in_loop
async def test_what_cannot_be_sent_is_refused_where_it_is_said(act: Callable[[], None], reason: str) -> None:
    refusals: list[str] = []

    def attempt() -> None:
        try:
            act()
        except ValueError as error:
            refusals.append(str(error))

    async with Engine(acting(attempt), features=FEATURES) as engine:
        assert (await engine.answer())["status"] == 200
    assert [reason in refusal for refusal in refusals] == [True]


@in_loop
async def test_a_socket_of_the_framework_knows_its_name_and_leaves_itself_out() -> None:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        socket = WebSocket(scope, receive, send)
        await socket.accept()
        socket.subscribe("lobby")
        socket.publish("lobby", f"{socket.id} has come")
        socket.unsubscribe("lobby")
        await asyncio.Event().wait()

    async with Engine(app, features=FEATURES, grace_ms=200) as engine:
        engine.request(websocket=True, protocols=[], socket="a-1")
        assert (await engine.frame())["type"] == "head"
        told = [await carried(engine) for _ in range(3)]
    assert told == [
        {"do": "subscribe", "socket": "a-1", "topic": "lobby"},
        {"do": "publish", "topic": "lobby", "data": "a-1 has come", "binary": False, "except": "a-1"},
        {"do": "unsubscribe", "socket": "a-1", "topic": "lobby"},
    ]


def test_a_scope_of_another_server_has_no_name() -> None:
    with pytest.raises(LookupError, match="none of a WebSocket that Vilya holds"):
        sockets.id_of({"type": "websocket", "extensions": {"vilya": {}}})


@pytest.mark.parametrize("is_in_a_thread", [False, True])
@in_loop
async def test_text_that_is_none_is_the_error_of_who_says_it(is_in_a_thread: bool) -> None:
    raised: list[BaseException] = []

    def act() -> None:
        try:
            sockets.send("\ud800", "tea")
        except ValueError as error:
            raised.append(error)

    async def app(scope: Any, receive: Any, send: Any) -> None:
        if is_in_a_thread:
            await asyncio.to_thread(act)
        else:
            act()
        await send(START)
        await send(body())

    async with Engine(app, features=FEATURES) as engine:
        assert (await engine.answer())["status"] == 200
    assert len(raised) == 1


def test_a_number_is_no_message() -> None:
    with pytest.raises(TypeError):
        sockets.publish("lobby", 5)  # type: ignore[arg-type]
