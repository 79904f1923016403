import { describe, expect, test } from "bun:test";
import { SocketApp } from "../../../test/support/socket-app.ts";
import { until } from "../../../test/support/until.ts";
import { RawClient } from "../../../test/support/raw-client.ts";
import { openingHandshake } from "../../../test/support/websocket-client.ts";
import type { CallFailure } from "../../workers/calls/call.ts";

async function ask(app: SocketApp, fields: Readonly<Record<string, string>> = {}): Promise<string> {
  using client = await RawClient.connect(app.listener.port);
  client.send(openingHandshake(fields));
  return await client.untilReceived("\r\n\r\n");
}

describe("A request for a WebSocket", () => {
  test("is accepted with what the app chooses, and its handshake stays the engine's", async () => {
    using app = new SocketApp();
    using client = await app.ask({ "Sec-WebSocket-Protocol": "a, b" });
    const headers = { "Set-Cookie": "x=1", "sec-websocket-accept": "forged", Connection: "close" };
    app.answer({ protocol: "b", headers, actions: [{ do: "send", data: "hello" }] });
    const received = await client.untilReceived("hello");
    expect(received).toStartWith("HTTP/1.1 101 Switching Protocols\r\n");
    expect(received).toContain("Set-Cookie: x=1\r\n");
    expect(received).toContain("Sec-WebSocket-Protocol: b\r\n");
    expect(received).toContain("Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n");
    expect(received).not.toContain("forged");
    expect(received).not.toContain("Connection: close");
  });

  test("is refused with the app's own response", async () => {
    using app = new SocketApp();
    using client = await app.ask();
    app.answer({ type: "response", status: 403, headers: { "X-Why": "asked" }, body: "no" });
    expect(await client.untilReceived("no")).toMatch(/^HTTP\/1\.1 403 Forbidden\r\n[^]*X-Why: asked\r\n/);
    expect(app.server.sessions.count).toBe(0);
  });

  test.each([
    ["fails", { error: "secret" }],
    ["chooses a subprotocol that nobody offered", { protocol: "c" }],
    ["asks for what cannot be done", { actions: [{ do: "secret" }] }],
    ["answers 2xx, which would be a yes in HTTP/2", { type: "response", status: 200 }],
  ])("gets 500 and an error id when the app %s", async (_, answer) => {
    using app = new SocketApp();
    using client = await app.ask();
    app.answer(answer);
    const received = await client.untilReceived("Error id");
    expect(received).toStartWith("HTTP/1.1 500 ");
    expect(received).not.toContain("secret");
    expect(app.log.named("worker reported an error")).toHaveLength(1);
    expect(app.server.sessions.count).toBe(0);
  });

  test.each([
    ["queue-full", 503],
    ["timeout", 504],
    ["worker-lost", 502],
    ["unsupported", 501],
  ] as const)("whose event ends with %s gets %i, and the app hears no more", async (kind, status) => {
    using app = new SocketApp();
    app.refusal = { kind, retryAfterS: 1 } as CallFailure;
    expect(await ask(app)).toStartWith(`HTTP/1.1 ${status} `);
    app.refusal = null;
    expect(app.events).toEqual([]);
  });

  test("that came before any worker was ready is a session where they turn out to hold sockets themselves", async () => {
    using app = new SocketApp();
    using client = await app.ask({ "X-Name": "kept" });
    client.send("not yet a frame"); // What comes behind the head may take its place in memory.
    app.features.add("websocket_session");
    app.fail({ kind: "unsupported" });
    expect(app.calls.map(({ needs }) => needs)).toEqual(["websocket_session"]);
    expect(app.calls[0]!.frame.toString("latin1")).toContain("kept");
  });

  test("whose handshake is wrong never reaches the app", async () => {
    using app = new SocketApp();
    expect(await ask(app, { "Sec-WebSocket-Version": "12" })).toContain("426 Upgrade Required");
    expect(await ask(app, { "Sec-WebSocket-Key": "short" })).toContain("400 Bad Request");
    expect(app.events).toEqual([]);
  });

  test("of a foreign page is refused, and the log names the page", async () => {
    using app = new SocketApp();
    expect(await ask(app, { Origin: "https://evil.example" })).toContain("403 Forbidden");
    const [refused] = app.log.named("websocket origin refused");
    expect(refused?.fields).toEqual({ origin: "https://evil.example", host: "localhost" });
    using client = await app.ask({ Origin: "http://localhost" });
    expect(client.received).toBe("");
  });

  test("whose client leaves while its event is queued is taken back", async () => {
    using app = new SocketApp();
    using client = await app.ask();
    app.calls[0]!.state = "queued";
    client.reset();
    await until("the call to be abandoned", () => app.abandonedCount === 1);
  });

  test("whose client leaves while the app accepts it has its close, once", async () => {
    using app = new SocketApp();
    using client = await app.ask();
    client.reset();
    await until("the client to be gone", () => app.listener.connectionCount === 0);
    app.answer({ state: "kept", actions: [{ do: "send", data: "nobody hears it" }] });
    expect(app.events).toEqual(["ws_close 1006"]);
    app.answer();
    expect([app.abandonedCount, app.server.sessions.count, app.events.length]).toEqual([0, 0, 0]);
  });
});
