import { describe, expect, test } from "bun:test";
import { SocketApp } from "../../../test/support/socket-app.ts";
import { RawClient } from "../../../test/support/raw-client.ts";
import { until } from "../../../test/support/until.ts";
import { openingHandshake } from "../../../test/support/websocket-client.ts";
import type { CallFailure } from "../../workers/calls/call.ts";

const BUSY: CallFailure = { kind: "queue-full", retryAfterS: 1 };

describe("The closes of sockets", () => {
  test("wait for a pool that has no place, and hold up a stop until then", async () => {
    using app = new SocketApp();
    using client = await app.open();
    app.refusal = BUSY;
    client.raw.reset();
    await until("the socket to be gone", () => app.server.sessions.count === 0);
    let isIdle = false;
    void app.sockets.closes.whenIdle().then(() => (isIdle = true));
    app.clock.advance(1_000);
    app.refusal = null;
    app.clock.advance(1_000);
    expect([app.events, isIdle]).toEqual([["ws_close 1006"], false]);
    app.answer();
    await until("the closes to be idle", () => isIdle);
  });

  test("are answered with what others shall hear", async () => {
    using app = new SocketApp();
    using listener = await app.open({ actions: [{ do: "subscribe", topic: "ends" }] });
    using client = await app.open();
    client.raw.reset();
    await app.untilCalls(1);
    app.answer({
      actions: [
        { do: "publish", topic: "ends", data: "gone" },
        { do: "send", data: "nobody" },
      ],
    });
    expect(await listener.until(1)).toEqual(["text gone"]);
  });

  test("go to the pool eight at a time", async () => {
    using app = new SocketApp();
    const clients = await Promise.all(Array.from({ length: 10 }, () => RawClient.connect(app.listener.port)));
    for (const client of clients) client.send(openingHandshake());
    await app.untilCalls(10);
    for (const _ of clients) app.answer();
    for (const client of clients) client.reset();
    await until("all sockets to be gone", () => app.server.sessions.count === 0);
    expect(app.calls).toHaveLength(8);
    app.answer();
    expect(app.calls).toHaveLength(8);
    while (app.calls.length > 0) app.answer();
    await app.sockets.closes.whenIdle();
  });

  test("are lost with a worker or a stop, which the log says", async () => {
    using app = new SocketApp();
    using client = await app.open();
    client.raw.reset();
    await app.untilCalls(1);
    app.fail({ kind: "worker-lost" });
    await app.sockets.closes.whenIdle();
    expect(app.log.named("websocket close not delivered")).toHaveLength(1);
  });
});
