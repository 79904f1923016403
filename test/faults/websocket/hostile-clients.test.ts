import { describe, expect, test } from "bun:test";
import { WEBSOCKET_FRAMING_CASES } from "../../conformance/websocket-framing-cases.ts";
import { assertNoLeaks, snapshot } from "../../support/leak-check.ts";
import { until } from "../../support/until.ts";
import { openingHandshake } from "../../support/websocket-client.ts";
import { close, frame, text } from "../../support/websocket-frames.ts";
import { sendText, WebSocketTestServer } from "../../support/websocket-server.ts";

const ECHO = { onMessage: sendText };
const SOCKET_COUNT = 200;
const KIB = 1024;

/** What every test ends with: a well-behaved client is served as if nothing had happened. */
async function expectService(server: WebSocketTestServer): Promise<void> {
  using client = await server.connect();
  client.sendText("still there?");
  expect(await client.until(1)).toEqual(["text still there?"]);
  client.send(close(1000));
  await client.untilEnd();
}

describe("hostile WebSocket clients", () => {
  test("frames cut at every byte, and then the connection: nothing is left of any", async () => {
    const before = snapshot();
    {
      using server = new WebSocketTestServer(ECHO);
      const bytes = Buffer.concat([
        text("Hello"),
        frame({ fin: 0, opcode: 2, payload: Buffer.alloc(200) }),
        frame({ opcode: 9, payload: "ping" }),
        frame({ opcode: 0, payload: Buffer.alloc(200) }),
        close(1000, "bye"),
      ]);
      for (let length = 0; length < bytes.length; length++) {
        using client = await server.connect();
        client.send(bytes.subarray(0, length));
        if (length % 2 === 0) client.raw.reset();
        else client.raw.shutDown();
      }
      await until("all of them to be gone", () => server.server.sessions.count === 0);
      expect(server.events.filter((event) => event.startsWith("lost")).length).toBe(bytes.length);
      await expectService(server);
    }
    await assertNoLeaks(before);
  });

  test("every framing case over a real connection, dribbled: the answer is the one that the codec's test expects", async () => {
    using server = new WebSocketTestServer(ECHO);
    for (const { id, name, frames, expect: events } of WEBSOCKET_FRAMING_CASES) {
      const bytes = Buffer.concat(frames);
      if (bytes.length > 200) continue;
      using client = await server.connect();
      for (let at = 0; at < bytes.length; at += 7) {
        client.send(bytes.subarray(at, at + 7));
        await new Promise<void>((resolve) => setImmediate(resolve));
      }
      const last = events.at(-1)!;
      expect([id, name, (await client.untilEnd()).at(-1)]).toEqual([
        id,
        name,
        last.replace(/^fail/, "close").trimEnd(),
      ]);
    }
    await expectService(server);
  });

  test("a flood of pings to a client that reads no pong costs bounded memory", async () => {
    using server = new WebSocketTestServer(ECHO);
    using client = await server.connect();
    client.raw.pause();
    const burst = Buffer.concat(Array.from({ length: 1_000 }, () => frame({ opcode: 9, payload: Buffer.alloc(125) })));
    let rest = burst;
    let sentBytes = 0;
    let takenLast = -1;
    await until("the server to stop reading", async () => {
      for (let turn = 0; turn < 20; turn++) await new Promise<void>((resolve) => setImmediate(resolve));
      const taken = client.raw.sendSome(rest);
      sentBytes += taken;
      rest = taken === rest.length ? burst : rest.subarray(taken);
      const isStuck = taken === 0 && takenLast === 0;
      takenLast = taken;
      return isStuck;
    });
    expect(sentBytes).toBeGreaterThan(burst.length);
    await expectService(server);
    client.raw.reset();
    await until("it to be gone", () => server.server.sessions.count === 0);
  });

  test("many clients that begin large messages fill their share of memory and no more", async () => {
    using server = new WebSocketTestServer(ECHO, { messageBytesMax: 100 * KIB, messageMemoryBytesMax: 256 * KIB });
    const begun = frame({ opcode: 2, announcedBytes: BigInt(100 * KIB), payload: Buffer.alloc(30 * KIB) });
    using clients = new DisposableStack();
    for (let index = 0; index < 20; index++) clients.use(await server.connect()).send(begun);
    await until("those to be refused for which there is no memory", () => server.server.counters.protocolErrors === 12);
    await expectService(server);
    server.clock.advance(3_000); // Those that were refused do not close their side.
    await until("the others to be all that is left", () => server.server.sessions.count === 8);
  });

  test("bombs stop at the message limit, and the next client is served", async () => {
    using server = new WebSocketTestServer(ECHO, { compression: "context", messageBytesMax: 64 * KIB });
    const bomb = frame({
      rsv: 4,
      opcode: 1,
      payload: Bun.deflateSync(Buffer.alloc(32 * KIB * KIB), { windowBits: -15 }),
    });
    for (let index = 0; index < 5; index++) {
      using client = await server.connect({ "Sec-WebSocket-Extensions": "permessage-deflate" });
      client.send(bomb);
      expect(await client.untilEnd()).toEqual(["close 1009"]);
    }
    await expectService(server);
  });

  test(`${SOCKET_COUNT} handshakes that never come to an end are cut at the head deadline`, async () => {
    using server = new WebSocketTestServer(ECHO);
    using clients = new DisposableStack();
    for (let index = 0; index < SOCKET_COUNT; index++) {
      const raw = clients.use(await server.connectRaw());
      raw.send(openingHandshake().slice(0, 20 + (index % 100)));
    }
    await until("all to be read", () => server.listener.connectionCount === SOCKET_COUNT);
    await expectService(server);
    await until("all to be cut", () => {
      server.clock.advance(1_000);
      return server.listener.connectionCount === 0;
    });
    expect(server.events).toEqual(["open", "text still there?", "close 1000"]);
  });

  test("an app that throws costs the socket it threw on, and nobody else", async () => {
    using server = new WebSocketTestServer({
      onMessage: (session, message) => {
        if (message === "throw") throw new Error("broken");
        if (message === "hold") session.hold();
        else sendText(session, message);
      },
    });
    using victim = await server.connect();
    using held = await server.connect();
    using other = await server.connect();
    victim.sendText("throw");
    expect(await victim.until(1)).toEqual(["close 1011"]);
    held.send(Buffer.concat([text("hold"), text("throw")]));
    await until("the hold", () => server.events.includes("text hold"));
    const [, session] = [...server.server.sessions.all];
    expect(() => session!.release()).not.toThrow();
    expect(await held.until(1)).toEqual(["close 1011"]);
    other.sendText("unharmed");
    expect(await other.until(1)).toEqual(["text unharmed"]);
    const failures = server.log.events.filter(({ event }) => event === "websocket app failed");
    expect(failures.map(({ level }) => level)).toEqual(["error", "error"]);
  });

  test("an app that throws when it is told of a socket costs that socket, and not who answered", async () => {
    using server = new WebSocketTestServer({
      onOpen: () => {
        throw new Error("broken");
      },
    });
    server.isThinking = true;
    using raw = await server.connectRaw();
    raw.send(openingHandshake());
    await until("the request", () => server.thinking.length === 1);
    expect(server.thinking[0]!).not.toThrow();
    await raw.untilReceived("\x88\x02\x03\xf3");
  });
});
