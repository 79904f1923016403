import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { Http2Client } from "../support/http2-client.ts";
import { headers, request } from "../support/http2-frames.ts";
import { RawClient } from "../support/raw-client.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { WebSocketClient } from "../support/websocket-client.ts";
import { close, frame, readFrames } from "../support/websocket-frames.ts";

const APPS = join(import.meta.dir, "../support/apps");

async function enter(server: VilyaServer, name: string): Promise<WebSocketClient> {
  const fields = { "Sec-WebSocket-Protocol": "chat, other" };
  const client = await WebSocketClient.open(await RawClient.connect(server.port), fields, `/room?name=${name}`);
  await client.until(1);
  return client;
}

describe.each(["hono", "elysia"])("a WebSocket of %s", (framework) => {
  test("runs as on Bun's own server: messages, bytes, topics, subprotocols and the client's address", async () => {
    const entry = join(APPS, `${framework}-room.mjs`);
    await using server = await startVilya({ config: { runtime: "bun", entry, workers: { count: 2 } } });
    expect(await (await fetch(`${server.url}/address`)).text()).toBe("127.0.0.1");

    using ada = await enter(server, "Ada");
    using bob = await enter(server, "Bob");
    expect([ada.events[0], bob.events[0]]).toEqual(["text Hello Ada, true", "text Hello Bob, true"]);
    expect(ada.head).toMatch(/\r\nSec-WebSocket-Protocol: chat(?:\r\n|$)/);
    ada.sendText("Hello");
    expect([(await ada.until(2))[1], (await bob.until(2))[1]]).toEqual(["text heard", "text Hello"]);
    ada.send(frame({ opcode: 2, payload: "\0\x7f" }));
    expect((await ada.until(3))[2]).toBe("text bytes 2");

    await fetch(`${server.url}/say`, { method: "POST", body: "To all" });
    expect([(await ada.until(4))[3], (await bob.until(3))[2]]).toEqual(["text To all", "text To all"]);
    bob.send(close(4_000));
    expect((await ada.until(5))[4]).toBe("text Bob has left with 4000");
  });

  test("opens on a stream of HTTP/2, too", async () => {
    const entry = join(APPS, `${framework}-room.mjs`);
    await using server = await startVilya({ config: { runtime: "bun", entry, workers: { count: 1 } } });
    using client = await Http2Client.connect(server.port);
    const stream = client.nextStreamId();
    const asked = [...request("/room?name=Ada", "CONNECT"), [":protocol", "websocket"]] as const;
    client.send(headers(stream, [...asked, ["sec-websocket-version", "13"]], false));
    await client.until("the greeting", () => client.response(stream).body !== "");
    const [greeting] = readFrames(Buffer.from(client.response(stream).body, "latin1")).frames;
    expect(greeting?.payload.toString()).toBe("Hello Ada, true");
  });

  test("is refused where nobody has asked for one", async () => {
    const entry = join(APPS, `${framework}-room.mjs`);
    await using server = await startVilya({ config: { runtime: "bun", entry, workers: { count: 1 } } });
    expect((await fetch(`${server.url}/room?name=Ada`)).ok).toBe(false);
  });
});
