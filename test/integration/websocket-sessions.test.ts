import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { outcomeOf } from "../support/php-app.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { openingHandshake, WebSocketClient } from "../support/websocket-client.ts";
import { close, frame } from "../support/websocket-frames.ts";

/** One worker that holds its sockets itself, and runs two requests at a time. */
function start(
  options: { workers?: Readonly<Record<string, unknown>>; errors?: readonly string[] } = {},
): Promise<VilyaServer> {
  const script = join(import.meta.dir, "../support/workers/concurrent.ts");
  const env = { CONCURRENCY: "2", FEATURES: "stream,ping,websocket_session" };
  return startVilya({
    config: {
      runtime: "php",
      php: { binary: process.execPath, worker_script: script, env },
      workers: { count: 1, ...options.workers },
    },
    expectedErrors: options.errors ?? [],
  });
}

async function connect(server: VilyaServer, fields?: Readonly<Record<string, string>>): Promise<WebSocketClient> {
  return WebSocketClient.open(await RawClient.connect(server.port), fields);
}

describe("A WebSocket that a worker holds", () => {
  test("carries messages both ways, in order, and takes no place of a request", async () => {
    await using server = await start();
    using first = await connect(server, { "Sec-WebSocket-Protocol": "a, b" });
    using second = await connect(server);
    using third = await connect(server);
    expect(first.head).toMatch(/\r\nSec-WebSocket-Protocol: b$/);
    expect(first.head).toMatch(/\r\nx-socket: [0-9a-f]{8}-\d+/i);
    for (const word of ["one", "two", "three"]) first.sendText(word);
    first.send(frame({ opcode: 2, payload: "\0\x7f" }));
    expect(await first.until(4)).toEqual(["text one", "text two", "text three", "binary \0\x7f"]);
    expect(await outcomeOf(`${server.url}/pid`)).toStartWith("200 ");
    for (const client of [second, third]) {
      client.sendText("still there");
      expect(await client.until(1)).toEqual(["text still there"]);
    }
  });

  test("is refused with the answer of its worker", async () => {
    await using server = await start();
    using raw = await RawClient.connect(server.port);
    raw.send(openingHandshake().replace("GET /socket", "GET /refuse"));
    await raw.untilReceived("not you");
    expect(raw.received).toStartWith("HTTP/1.1 403 ");
  });

  test("closes as its worker says, and the worker hears of every end", async () => {
    await using server = await start({ errors: ["worker reported an error"] });
    const ends = [
      ["close", "close 4000 as you wish"],
      ["end", "close 1000"],
    ] as const;
    for (const [word, expected] of ends) {
      using client = await connect(server);
      client.sendText(word);
      expect(await client.until(1)).toEqual([expected]);
      client.send(close(1000));
      await client.untilEnd();
    }
    for (const word of ["fail", "no text"]) {
      using client = await connect(server);
      client.sendText(word);
      const [event = ""] = await client.until(1);
      expect(event).toMatch(/^close 1011 error [0-9a-f-]{36}$/);
      client.send(close(1011));
      await client.untilEnd();
    }
    using leaving = await connect(server);
    leaving.send(close(4001));
    await leaving.untilEnd();
    using lost = await connect(server);
    lost.raw.reset();
    await until("the ends", async () => (await outcomeOf(`${server.url}/close-codes`)).split(" ").length >= 5);
    expect(await outcomeOf(`${server.url}/close-codes`)).toBe("200 4000 1011 4001 1006");
  });

  test("holds its client back as long as its worker has not taken what was sent", async () => {
    await using server = await start({ workers: { stream_credit: "16KiB" } });
    using client = await connect(server);
    const payload = "x".repeat(10_000);
    for (let i = 0; i < 40; i++) client.sendText(payload);
    const events = await client.until(40);
    expect(events.every((event) => event === `text ${payload}`)).toBe(true);
  });

  test("closes with 1011 when its worker dies, and with 1001 when that is replaced", async () => {
    await using server = await start({ workers: { max_requests: 3 } });
    using client = await connect(server);
    client.sendText("exit");
    expect(await client.until(1)).toEqual(["close 1011"]);
    using survivor = await connect(server);
    for (let i = 0; i < 3; i++) await outcomeOf(`${server.url}/pid`);
    expect(await survivor.until(1)).toEqual(["close 1001"]);
  });
});
