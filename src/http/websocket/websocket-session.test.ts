import { describe, expect, test } from "bun:test";

import { HTTP_TRANSPORTS } from "../../../test/support/http-server.ts";
import { until } from "../../../test/support/until.ts";
import { openingHandshake } from "../../../test/support/websocket-client.ts";
import { close, frame, text } from "../../../test/support/websocket-frames.ts";
import { sendText, WebSocketTestServer } from "../../../test/support/websocket-server.ts";

const ECHO = { onMessage: sendText };
const ping = (payload = "") => frame({ opcode: 9, payload });

describe.each(HTTP_TRANSPORTS)("WebSocketSession over %s", (transport) => {
  test("answers the handshake with what is asked and nothing more", async () => {
    using server = new WebSocketTestServer(ECHO, {}, transport);
    using client = await server.connect();
    expect(client.head.split("\r\n")).toEqual([
      "HTTP/1.1 101 Switching Protocols",
      "Upgrade: websocket",
      "Connection: Upgrade",
      "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
    ]);
  });

  test("echoes messages of either kind, and tells the app what happens in order", async () => {
    using server = new WebSocketTestServer(
      {
        onMessage: (session, message, kind) =>
          void session.send(kind, Buffer.from(message, "latin1"), 0, message.length),
      },
      {},
      transport,
    );
    using client = await server.connect();
    client.sendText("Hello");
    client.send(frame({ opcode: 2, payload: Buffer.of(1, 2) }));
    client.send(close(1000, "bye"));
    expect(await client.untilEnd()).toEqual(["text Hello", "binary \x01\x02", "close 1000"]);
    await until("the app to hear of the end", () => server.events.length === 4);
    expect(server.events).toEqual(["open", "text Hello", "binary \x01\x02", "close 1000 bye"]);
    expect(server.server.sessions.count).toBe(0);
  });

  test("echoes a megabyte in fragments", async () => {
    using server = new WebSocketTestServer(
      ECHO,
      { messageBytesMax: 1 << 20, messageMemoryBytesMax: 1 << 20 },
      transport,
    );
    using client = await server.connect();
    const payload = Buffer.alloc(1 << 20, "0123456789abcdef");
    const parts = [
      frame({ fin: 0, opcode: 1, payload: payload.subarray(0, 300_000) }),
      frame({ fin: 0, opcode: 0, payload: payload.subarray(300_000, 300_000) }),
      frame({ opcode: 0, payload: payload.subarray(300_000) }),
    ];
    let bytes = Buffer.concat(parts);
    await until("everything to be sent", () => {
      bytes = bytes.subarray(client.raw.sendSome(bytes));
      return bytes.length === 0;
    });
    await client.until(1);
    expect(client.frames[0]!.payload.equals(payload)).toBe(true);
  });

  test("answers pings, also between fragments, and takes pongs", async () => {
    using server = new WebSocketTestServer(ECHO, {}, transport);
    using client = await server.connect();
    client.send(Buffer.concat([frame({ fin: 0, opcode: 1, payload: "Hel" }), ping("are you there?")]));
    client.send(Buffer.concat([frame({ opcode: 10 }), frame({ opcode: 0, payload: "lo" })]));
    expect(await client.until(2)).toEqual(["pong are you there?", "text Hello"]);
  });

  test("takes what a client sends together with its handshake", async () => {
    using server = new WebSocketTestServer(ECHO, {}, transport);
    using raw = await server.connectRaw();
    raw.send(Buffer.concat([Buffer.from(openingHandshake()), text("early"), close(1000)]));
    expect(await raw.untilEnd()).toContain("\r\n\r\n\x81\x05early\x88\x02\x03\xe8");
  });

  test("keeps what arrives while the app thinks about the handshake", async () => {
    using server = new WebSocketTestServer(ECHO, {}, transport);
    server.isThinking = true;
    using raw = await server.connectRaw();
    raw.send(openingHandshake());
    await until("the request", () => server.thinking.length === 1);
    raw.send(text("while you think"));
    raw.send(close(1000));
    server.thinking[0]!();
    expect(await raw.untilEnd()).toContain("while you think");
    expect(server.events.slice(0, 2)).toEqual(["open", "text while you think"]);
  });

  test("reads on a client whom it had stopped reading while the app was thinking", async () => {
    using server = new WebSocketTestServer({}, {}, transport);
    server.isThinking = true;
    using raw = await server.connectRaw();
    raw.send(openingHandshake());
    await until("the request", () => server.thinking.length === 1);
    // More than arrives in one piece.
    let rest = Buffer.concat([...Array.from({ length: 20 }, () => text("x".repeat(90_000))), close(1000)]);
    await until("a full socket", async () => {
      const taken = raw.sendSome(rest);
      rest = rest.subarray(taken);
      for (let turn = 0; turn < 50; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      return taken === 0 || rest.length === 0;
    });
    server.thinking[0]!();
    await until("everything to be sent", () => {
      rest = rest.subarray(raw.sendSome(rest));
      return rest.length === 0;
    });
    await until("the end", () => server.events.length === 22);
    expect(server.events.at(-1)).toBe("close 1000");
  });

  test("tells nobody of a socket whose client left while the app was thinking", async () => {
    using server = new WebSocketTestServer(ECHO, {}, transport);
    server.isThinking = true;
    using raw = await server.connectRaw();
    raw.send(openingHandshake());
    await until("the request", () => server.thinking.length === 1);
    raw.reset();
    await until("the app to hear of it", () => server.events.length === 1);
    server.thinking[0]!();
    expect([server.events, server.server.sessions.count]).toEqual([["abandoned"], 0]);
  });

  test("fails a client that breaks the protocol with the code that says why", async () => {
    using server = new WebSocketTestServer(ECHO, {}, transport);
    for (const [bytes, code] of [
      [frame({ opcode: 1, mask: null, payload: "x" }), 1002],
      [text(Buffer.of(0xff)), 1007],
      [frame({ opcode: 2, announcedBytes: 100_001n }), 1009],
    ] as const) {
      using client = await server.connect();
      client.send(Buffer.concat([text("first"), bytes, text("never read")]));
      expect(await client.untilEnd()).toEqual(["text first", `close ${code}`]);
    }
    await until("three ends", () => server.events.filter((event) => event.startsWith("lost")).length === 3);
    expect(server.events.filter((event) => event.startsWith("lost"))).toEqual(["lost 1002", "lost 1007", "lost 1009"]);
    expect(server.server.counters.protocolErrors).toBe(3);
  });

  test("ends in good order when the app closes, and drops what the client says meanwhile", async () => {
    using server = new WebSocketTestServer({ onMessage: (session) => session.close(4000, "enough") }, {}, transport);
    using client = await server.connect();
    client.send(Buffer.concat([text("one"), text("two"), ping("three")]));
    expect(await client.until(1)).toEqual(["close 4000 enough"]);
    client.send(close(4000));
    expect(await client.untilEnd()).toEqual(["close 4000 enough"]);
    await until("the end", () => server.events.length === 3);
    expect(server.events).toEqual(["open", "text one", "close 4000 enough"]);
  });

  test("reports a connection that is lost, reset or closed without a close frame", async () => {
    using server = new WebSocketTestServer(ECHO, {}, transport);
    using polite = await server.connect();
    polite.raw.shutDown();
    expect(await polite.untilEnd()).toEqual([]);
    using rude = await server.connect();
    rude.raw.reset();
    await until("both ends", () => server.events.length === 4);
    expect(server.events.toSorted()).toEqual(["lost 1006", "lost 1006", "open", "open"]);
  });

  test("refuses messages for a socket that is gone", async () => {
    using server = new WebSocketTestServer({}, {}, transport);
    using client = await server.connect();
    const { session } = server;
    client.send(close());
    await until("the end", () => server.server.sessions.count === 0);
    expect([sendText(session, "late"), session.subscribe("late"), session.isOpen]).toEqual(["closed", "closed", false]);
    session.close();
    session.release();
    expect(server.events).toEqual(["open", "close 1005"]);
  });
});

describe("WebSocketSession › handshake", () => {
  test("refuses another version with 426, and says which it speaks", async () => {
    using server = new WebSocketTestServer();
    using raw = await server.connectRaw();
    raw.send(openingHandshake({ "Sec-WebSocket-Version": "8" }));
    await raw.untilReceived("Required\n");
    expect(raw.received).toStartWith("HTTP/1.1 426 Upgrade Required\r\n");
    for (const line of ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]) {
      expect(raw.received).toContain(`\r\n${line}\r\n`);
    }
    raw.send(openingHandshake());
    await raw.untilReceived("101 Switching Protocols");
  });

  test("chooses a subprotocol that is offered, and otherwise names none", async () => {
    using server = new WebSocketTestServer();
    server.protocol = "chat.v2";
    using first = await server.connect({ "Sec-WebSocket-Protocol": "chat.v1, chat.v2" });
    expect(first.head).toContain("\r\nSec-WebSocket-Protocol: chat.v2");
    expect(server.session.protocol).toBe("chat.v2");
    using second = await server.connect({ "Sec-WebSocket-Protocol": "chat.v1" });
    expect(second.head).not.toContain("Sec-WebSocket-Protocol");
  });
});

describe("WebSocketSession › deadlines", () => {
  test("pings a silent client, and lets it live as long as it answers", async () => {
    using server = new WebSocketTestServer();
    using client = await server.connect();
    for (let count = 1; count <= 5; count++) {
      server.clock.advance(10_000);
      await client.until(count);
      client.send(frame({ opcode: 10 }));
      client.sendText(`${count}`);
      await until("the answer", () => server.events.length === count + 1);
    }
    expect(client.events).toEqual(["ping", "ping", "ping", "ping", "ping"]);
  });

  test("does not ping a client that talks", async () => {
    using server = new WebSocketTestServer(ECHO);
    using client = await server.connect();
    for (let count = 1; count <= 5; count++) {
      server.clock.advance(9_000);
      client.sendText("still here");
      await client.until(count);
    }
    expect(client.events).toEqual(Array.from({ length: 5 }, () => "text still here"));
  });

  test("closes a client that has been silent for too long, and cuts it when it stays silent", async () => {
    using server = new WebSocketTestServer();
    using client = await server.connect();
    server.clock.advance(24_000);
    expect(await client.until(2)).toEqual(["ping", "ping"]);
    server.clock.advance(1_100);
    expect(await client.until(3)).toEqual(["ping", "ping", "close 1001 idle"]);
    expect(server.server.sessions.count).toBe(1);
    server.clock.advance(2_100);
    await client.untilEnd();
    await until("the end", () => server.events.length === 2);
    expect(server.events).toEqual(["open", "lost 1001 idle"]);
  });

  test("never pings nor closes a client where neither is wanted", async () => {
    using server = new WebSocketTestServer(ECHO, { pingIntervalMs: 0, idleMs: 0 });
    using client = await server.connect();
    server.clock.advance(10 * 86_400_000);
    client.sendText("still here");
    expect(await client.until(1)).toEqual(["text still here"]);
  });

  test("cuts a client that does not answer a close frame", async () => {
    using server = new WebSocketTestServer({ onOpen: (session) => session.close(1000) });
    using client = await server.connect();
    expect(await client.until(1)).toEqual(["close 1000"]);
    server.clock.advance(1_900);
    expect(server.server.sessions.count).toBe(1);
    server.clock.advance(200);
    await client.untilEnd();
    expect(server.server.counters.timedOut).toBe(1);
  });
});

describe("WebSocketSession › leaving", () => {
  test("closes every socket with 1001, and those that come later", async () => {
    using server = new WebSocketTestServer();
    using first = await server.connect();
    server.server.sessions.leave();
    expect(await first.until(1)).toEqual(["close 1001"]);
    using late = await server.connect();
    expect(await late.until(1)).toEqual(["close 1001"]);
    first.send(close(1001));
    late.send(close(1001));
    server.listener.stopAccepting();
    await server.listener.whenEmpty();
  });
});
