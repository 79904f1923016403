import { describe, expect, test } from "bun:test";
import { deflateRawSync, inflateRawSync } from "node:zlib";

import { until } from "../../../test/support/until.ts";
import { close, frame, text } from "../../../test/support/websocket-frames.ts";
import { sendText, WebSocketTestServer } from "../../../test/support/websocket-server.ts";
import type { WebSocketSession } from "./websocket-session.ts";

const ECHO = { onMessage: sendText };
const nextTurn = () => new Promise<void>((resolve) => setImmediate(() => setImmediate(resolve)));

/** Publishes what a client says to everybody in its room but itself. */
function publish(server: WebSocketTestServer, topic: string, message: string, except?: WebSocketSession): number {
  const bytes = Buffer.from(message);
  return server.bus.publish(topic, { kind: "text", bytes, start: 0, end: bytes.length, ...(except && { except }) });
}

describe("WebSocketSession › holding", () => {
  test("keeps messages back in order until it is released, one by one if need be", async () => {
    using server = new WebSocketTestServer({ onMessage: (session) => session.hold() });
    using client = await server.connect();
    client.send(Buffer.concat([text("one"), text("two"), text("three")]));
    for (const expected of [["one"], ["one", "two"], ["one", "two", "three"]]) {
      await until("a message", () => server.events.length === expected.length + 1);
      expect(server.events.slice(1)).toEqual(expected.map((each) => `text ${each}`));
      server.session.release();
    }
  });

  test("stops reading a client whose messages are held, and forgets no message", async () => {
    using server = new WebSocketTestServer({ onMessage: (session) => void (isHolding && session.hold()) });
    let isHolding = true;
    using client = await server.connect();
    const message = text("x".repeat(1_000));
    let sentCount = 0;
    let rest = Buffer.alloc(0);
    await until("a full socket", async () => {
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      const before = rest.length;
      if (rest.length === 0) {
        rest = Buffer.concat(Array.from({ length: 1_000 }, () => message));
        sentCount += 1_000;
      }
      rest = rest.subarray(client.raw.sendSome(rest));
      return before > 0 && before === rest.length;
    });
    expect(server.server.counters.messagesReceived).toBe(1);
    isHolding = false;
    server.session.release();
    await until("the rest", () => {
      rest = rest.subarray(client.raw.sendSome(rest));
      return server.server.counters.messagesReceived === sentCount;
    });
  });

  test("goes on at once when it is released inside of a message", async () => {
    using server = new WebSocketTestServer({
      onMessage: (session) => {
        session.hold();
        session.release();
      },
    });
    using client = await server.connect();
    // So many that one inside the other would be too deep.
    client.send(Buffer.concat([...Array.from({ length: 20_000 }, () => text("on")), close()]));
    await client.untilEnd();
    expect(server.server.counters.messagesReceived).toBe(20_000);
  });

  test("notices that a client leaves of whom little is held back", async () => {
    using server = new WebSocketTestServer({ onMessage: (session) => session.hold() });
    using client = await server.connect();
    client.send(Buffer.concat([text("one"), text("two")]));
    await until("the message", () => server.events.length === 2);
    client.raw.shutDown();
    await until("the end", () => server.events.length === 3);
    expect(server.events).toEqual(["open", "text one", "lost 1006"]);
  });

  test("reads on to the answer of a client that it had stopped reading when it closed", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.hold() });
    using client = await server.connect();
    client.send(text("x".repeat(90_000)));
    client.send(text("x".repeat(90_000)));
    const { session } = server;
    for (let turn = 0; turn < 50; turn++) await nextTurn();
    session.close(4001);
    expect(await client.until(1)).toEqual(["close 4001"]);
    client.send(close(4001));
    await until("the end", () => server.events.length === 2);
    expect(server.events).toEqual(["open", "close 4001"]);
  });

  test("does not take a client that it does not read for a silent one", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.hold() });
    using client = await server.connect();
    for (let count = 0; count < 10; count++) server.clock.advance(20_000);
    client.sendText("at last");
    server.session.release();
    await until("the message", () => server.events.length === 2);
    expect(client.events.filter((event) => event.startsWith("close"))).toEqual([]);
  });

  test("closes a held socket without waiting for its release", async () => {
    using server = new WebSocketTestServer({ onMessage: (session) => session.hold() });
    using client = await server.connect();
    client.send(Buffer.concat([text("one"), text("two"), close(1000)]));
    await until("the message", () => server.events.length === 2);
    server.session.close(4001);
    expect(await client.untilEnd()).toEqual(["close 4001"]);
    await until("the end", () => server.events.length === 3);
    expect(server.events).toEqual(["open", "text one", "close 4001"]);
  });
});

describe("WebSocketSession › backpressure", () => {
  test("stops reading a client that does not read its echoes", async () => {
    using server = new WebSocketTestServer(ECHO, { sendBufferBytesMax: 100_000_000 });
    using client = await server.connect();
    client.raw.pause();
    const message = text("x".repeat(50_000));
    let rest = Buffer.alloc(0);
    await until("a full socket", async () => {
      for (let turn = 0; turn < 20; turn++) await nextTurn();
      const before = rest.length;
      if (rest.length === 0) rest = Buffer.concat([message, message, message, message]);
      rest = rest.subarray(client.raw.sendSome(rest));
      return before > 0 && before === rest.length;
    });
    const { messagesReceived } = server.server.counters;
    client.raw.resume();
    await until("further echoes", () => server.server.counters.messagesReceived > messagesReceived);
  });

  test.each(["close", "drop"] as const)("a client that is slower than its messages: %s", async (slowClient) => {
    using server = new WebSocketTestServer({}, { slowClient, sendBufferBytesMax: 100_000 });
    using client = await server.connect();
    client.raw.pause();
    const { session } = server;
    const results = new Set<string>();
    await until("a slow client", async () => {
      results.add(sendText(session, "x".repeat(50_000)));
      await nextTurn();
      return results.has("slow") || results.has("closed");
    });
    const { counters } = server.server;
    if (slowClient === "drop") {
      expect([session.isOpen, counters.messagesDropped, counters.slowClients]).toEqual([true, 1, 0]);
      client.raw.resume();
      await until("room", async () => {
        await nextTurn();
        return sendText(session, "again") === "sent";
      });
    } else {
      expect([session.isOpen, counters.messagesDropped, counters.slowClients]).toEqual([false, 0, 1]);
      client.raw.resume();
      await client.until(counters.messagesSent + 1);
      expect(client.events.at(-1)).toBe("close 1008 too slow");
    }
  });

  test("sends a message that is larger than the send buffer when nothing waits before it", async () => {
    using server = new WebSocketTestServer({}, { sendBufferBytesMax: 5_000 });
    using client = await server.connect();
    expect(sendText(server.session, "x".repeat(2_000_000))).toBe("sent");
    await client.until(1);
    expect(client.frames[0]!.payload).toHaveLength(2_000_000);
  });
});

describe("WebSocketSession › topics", () => {
  test("gets what is published to its topics until it unsubscribes", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.subscribe("news") });
    using first = await server.connect();
    using second = await server.connect();
    expect(publish(server, "news", "one")).toBe(2);
    expect(publish(server, "other", "nobody")).toBe(0);
    server.session.unsubscribe("never");
    await first.until(1);
    server.session.unsubscribe("news");
    publish(server, "news", "two");
    expect(await second.until(2)).toEqual(["text one", "text two"]);
    expect(first.events).toEqual(["text one"]);
  });

  test("keeps the order of what is published and what is sent", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.subscribe("news") });
    using client = await server.connect();
    sendText(server.session, "1");
    publish(server, "news", "2");
    publish(server, "news", "3");
    sendText(server.session, "4");
    publish(server, "news", "5");
    expect(await client.until(5)).toEqual(["text 1", "text 2", "text 3", "text 4", "text 5"]);
  });

  test("still gets what was published before it unsubscribes or closes", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.subscribe("news") });
    using client = await server.connect();
    publish(server, "news", "1");
    server.session.unsubscribe("news");
    publish(server, "news", "not for it");
    server.session.subscribe("news");
    publish(server, "news", "2");
    server.session.close(1000);
    expect(await client.until(3)).toEqual(["text 1", "text 2", "close 1000"]);
  });

  test("does not give a message to who it is not for", async () => {
    using server = new WebSocketTestServer({
      onOpen: (session) => session.subscribe("room"),
      onMessage: (session, message) => void publish(server, "room", message, session),
    });
    using speaker = await server.connect();
    using listener = await server.connect();
    speaker.sendText("hello");
    expect(await listener.until(1)).toEqual(["text hello"]);
    listener.sendText("hi");
    expect(await speaker.until(1)).toEqual(["text hi"]);
    expect(listener.events).toEqual(["text hello"]);
  });

  test("holds to its limits", async () => {
    using server = new WebSocketTestServer();
    using client = await server.connect();
    const { session } = server;
    expect(["a", "b", "c", "d", "a", "", "x".repeat(33)].map((topic) => session.subscribe(topic))).toEqual([
      "subscribed",
      "subscribed",
      "subscribed",
      "too-many-topics",
      "subscribed",
      "bad-topic",
      "bad-topic",
    ]);
    expect([...session.topics]).toEqual(["a", "b", "c"]);
    client.send(close());
    await client.untilEnd();
    await until("the end", () => server.bus.topicCount === 0);
  });

  test("leaves its topics when its connection is lost", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.subscribe("news") });
    using client = await server.connect();
    client.raw.reset();
    await until("the end", () => server.bus.topicCount === 0);
  });

  test("leaves its topics when it begins to close, not when it is gone", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.subscribe("news") });
    using client = await server.connect();
    server.session.close(1000);
    expect(publish(server, "news", "late")).toBe(0);
    expect(await client.until(1)).toEqual(["close 1000"]);
  });
});

describe("WebSocketSession › compression", () => {
  const OFFER = { "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits" };
  const LONG = "over and over and ".repeat(20);
  const inflated = (payload: Buffer) =>
    inflateRawSync(Buffer.concat([payload, Buffer.of(0, 0, 255, 255)]), { finishFlush: 2 });

  test("is not agreed on where it is off, or not offered", async () => {
    using off = new WebSocketTestServer();
    using first = await off.connect(OFFER);
    using on = new WebSocketTestServer({}, { compression: "stateless" });
    using second = await on.connect();
    for (const { head } of [first, second]) expect(head).not.toContain("Sec-WebSocket-Extensions");
  });

  test("compresses what is long enough, and takes what is compressed and what is not", async () => {
    using server = new WebSocketTestServer(ECHO, { compression: "stateless" });
    using client = await server.connect(OFFER);
    expect(client.head).toContain("permessage-deflate; server_no_context_takeover; client_no_context_takeover");
    const payload = deflateRawSync(LONG, { finishFlush: 2 }).subarray(0, -4);
    client.send(Buffer.concat([text("short"), frame({ rsv: 4, opcode: 1, payload }), text(LONG)]));
    await client.until(3);
    const [short, ...long] = client.frames;
    expect([short!.rsv, short!.payload.toString()]).toEqual([0, "short"]);
    for (const { rsv, payload: deflated } of long) {
      expect([rsv, deflated.length < LONG.length / 4, inflated(deflated).toString()]).toEqual([4, true, LONG]);
    }
  });

  test("refers to nothing that it sent before a published message, since that was not part of its context", async () => {
    using server = new WebSocketTestServer(
      { onOpen: (session) => session.subscribe("news") },
      { compression: "context", compressionBytesMin: 10 },
    );
    using client = await server.connect(OFFER);
    const messages = ["one before ", "one that all get ", "one after "].map((each) => each.repeat(20));
    sendText(server.session, messages[0]!);
    publish(server, "news", messages[1]!);
    sendText(server.session, messages[0]! + messages[2]!);
    await client.until(3);
    const stream = Buffer.concat(client.frames.flatMap(({ payload }) => [payload, Buffer.of(0, 0, 255, 255)]));
    const expected = [messages[0], messages[1], messages[0], messages[2]].join("");
    expect(inflateRawSync(stream, { finishFlush: 2 }).toString()).toBe(expected);
  });

  test("compresses what is published once for those with compression, and not for the others", async () => {
    using server = new WebSocketTestServer(
      { onOpen: (session) => session.subscribe("news") },
      { compression: "context", compressionBytesMin: 10 },
    );
    using able = await server.connect(OFFER);
    using small = await server.connect({ "Sec-WebSocket-Extensions": "permessage-deflate; server_max_window_bits=9" });
    using plain = await server.connect();
    for (const message of [LONG, "tiny"]) publish(server, "news", message);
    for (const client of [able, small, plain]) await client.until(2);
    expect([able, small, plain].map(({ frames }) => frames.map(({ rsv }) => rsv))).toEqual([
      [4, 0],
      [0, 0],
      [0, 0],
    ]);
    expect(inflated(able.frames[0]!.payload).toString()).toBe(LONG);
  });
});
