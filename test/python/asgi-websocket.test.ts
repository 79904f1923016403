import { describe, expect, test } from "bun:test";

import { servePython, traceOf } from "../support/python-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import type { VilyaServer } from "../support/vilya.ts";
import { openingHandshake, WebSocketClient } from "../support/websocket-client.ts";
import { close, frame } from "../support/websocket-frames.ts";

async function connect(server: VilyaServer, fields?: Readonly<Record<string, string>>): Promise<WebSocketClient> {
  return WebSocketClient.open(await RawClient.connect(server.port), fields);
}

describe("a WebSocket of an ASGI application", () => {
  test("carries text and bytes both ways, in order", async () => {
    await using server = await servePython("sockets:app");
    using client = await connect(server, { "Sec-WebSocket-Protocol": "a, b" });
    expect(client.head).toMatch(/\r\nSec-WebSocket-Protocol: b\b/);
    expect(client.head).toMatch(/\r\nx-greeting: hello\b/i);
    for (const word of ["one", "", "gr\u00fc\u00dfe"]) client.sendText(word);
    client.send(frame({ opcode: 2, payload: "\0\x7f" }));
    client.sendText("scope");
    const events = await client.until(5);
    expect(events.slice(0, 2)).toEqual(["text one", "text"]);
    expect(events[3]).toBe("binary \0\x7f");
    expect(JSON.parse(events[4]?.slice("text ".length) ?? "")).toEqual({
      type: "websocket",
      scheme: "ws",
      path: "/socket",
      http_version: "1.1",
      subprotocols: ["a", "b"],
    });
  });

  test("is refused with the answer of the application", async () => {
    await using server = await servePython("sockets:app");
    using raw = await RawClient.connect(server.port);
    raw.send(openingHandshake().replace("GET /socket", "GET /refuse"));
    await raw.untilReceived("not you");
    expect(raw.received).toStartWith("HTTP/1.1 403 ");
  });

  test.each([
    ["close", "close 4000 as you wish"],
    ["return", "close 1000"],
  ])("closes when the application says %s", async (word, expected) => {
    await using server = await servePython("sockets:app");
    using client = await connect(server);
    client.sendText(word);
    expect(await client.until(1)).toEqual([expected]);
    client.send(close(1000));
    await client.untilEnd();
  });

  test("closes with 1011 when the application fails, and the reason stays in the log", async () => {
    await using server = await servePython("sockets:app", { expectedErrors: ["worker reported an error"] });
    using client = await connect(server);
    client.sendText("raise");
    const [event = ""] = await client.until(1);
    expect(event).toMatch(/^close 1011 /);
    expect(event).not.toContain("secret");
    expect(await server.logged("worker reported an error")).toMatchObject({
      error: expect.stringContaining("the secret reason"),
    });
  });

  test("tells the application how its client has left", async () => {
    await using server = await servePython("sockets:app");
    using leaving = await connect(server);
    leaving.send(close(4001, "bye"));
    await leaving.untilEnd();
    await until("the first end", () => traceOf(server).length === 1);
    using lost = await connect(server);
    lost.raw.reset();
    await until("the second end", () => traceOf(server).length === 2);
    expect(traceOf(server)).toEqual(["4001 bye", "1006"]);
  });

  test("holds an application back whose client does not read, while others feel nothing", async () => {
    await using server = await servePython("sockets:app");
    using slow = await connect(server);
    slow.raw.pause();
    slow.sendText("flood");
    using fast = await connect(server);
    for (const word of ["one", "two", "three"]) fast.sendText(word);
    expect(await fast.until(3)).toEqual(["text one", "text two", "text three"]);
    slow.raw.reset();
    await until("the end of the flood", () => traceOf(server).includes("flood over"));
  });

  test("takes large messages both ways", async () => {
    await using server = await servePython("sockets:app");
    using client = await connect(server);
    const payload = "x".repeat(900_000);
    client.sendText(payload);
    const [event = ""] = await client.until(1);
    expect(event.length).toBe("text ".length + payload.length);
  });
});
