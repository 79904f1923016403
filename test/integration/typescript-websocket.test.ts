import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { Http2Client } from "../support/http2-client.ts";
import { content, headers, request } from "../support/http2-frames.ts";
import { RawClient } from "../support/raw-client.ts";
import { until } from "../support/until.ts";
import { startVilya, type VilyaServer } from "../support/vilya.ts";
import { openingHandshake, WebSocketClient } from "../support/websocket-client.ts";
import { close, frame, readFrames, text } from "../support/websocket-frames.ts";

const APP = join(import.meta.dir, "../support/apps/room.mjs");

function startRoom(runtime: string): Promise<VilyaServer> {
  return startVilya({ config: { runtime, entry: APP, workers: { count: 2 } } });
}

async function enter(server: VilyaServer, name: string): Promise<WebSocketClient> {
  const client = await WebSocketClient.open(await RawClient.connect(server.port), {}, `/?name=${name}`);
  await client.until(1);
  return client;
}

describe.each(["bun", "node"])("a WebSocket of an app on %s", (runtime) => {
  test("hears what is published to its topics, and no longer when it has unsubscribed", async () => {
    await using server = await startRoom(runtime);
    using ada = await enter(server, "Ada");
    using bob = await enter(server, "Bob");
    expect(await ada.until(2)).toEqual([expect.stringContaining("text Ada is "), "text Bob has come"]);
    bob.sendText("Hello");
    expect((await ada.until(3))[2]).toBe("text Hello");
    expect((await bob.until(2))[1]).toBe("text said");

    ada.sendText("leave");
    expect((await ada.until(4))[3]).toBe("text said");
    bob.sendText("Unheard");
    await bob.until(4);
    ada.sendText("Last");
    expect((await ada.until(5))[4]).toBe("text said");
    expect((await bob.until(5)).slice(1)).toEqual(["text said", "text leave", "text said", "text Last"]);
  });

  test("is reached from requests, with all others or alone", async () => {
    await using server = await startRoom(runtime);
    using ada = await enter(server, "Ada");
    using bob = await enter(server, "Bob");
    const [welcome = ""] = bob.events;
    await ada.until(2);
    await fetch(server.url, { method: "POST", body: "To all" });
    expect([(await ada.until(3))[2], (await bob.until(2))[1]]).toEqual(["text To all", "text To all"]);
    await fetch(`${server.url}/${welcome.slice("text Bob is ".length)}`, { method: "POST", body: "To Bob" });
    expect((await bob.until(3))[2]).toBe("text To Bob");
    expect(ada.events.length).toBe(3);
  });

  test("tells others when it has gone, and is closed with 1011 when its handler throws", async () => {
    await using server = await startRoom(runtime);
    using ada = await enter(server, "Ada");
    {
      using bob = await enter(server, "Bob");
      bob.sendText("throw");
      expect((await bob.until(2))[1]).toBe("close 1011");
      bob.send(close(1011));
      await bob.untilEnd();
    }
    expect((await ada.until(3)).slice(1)).toEqual(["text Bob has come", "text Bob has left with 1011"]);
    using eve = await enter(server, "Eve");
    eve.raw[Symbol.dispose]();
    expect((await ada.until(5)).slice(3)).toEqual(["text Eve has come", "text Eve has left with 1006"]);
  });

  test("is an ordinary request where nobody has asked for one", async () => {
    await using server = await startRoom(runtime);
    expect((await fetch(server.url)).status).toBe(426);
  });
});

const SOCKETS = join(import.meta.dir, "../support/apps/sockets.mjs");

function startSockets(runtime: string, workers: Readonly<Record<string, unknown>> = {}): Promise<VilyaServer> {
  return startVilya({ config: { runtime, entry: SOCKETS, workers: { count: 1, ...workers } } });
}

async function open(server: VilyaServer, fields?: Readonly<Record<string, string>>): Promise<WebSocketClient> {
  return WebSocketClient.open(await RawClient.connect(server.port), fields);
}

describe.each(["bun", "node"])("a socket of an app on %s", (runtime) => {
  test("carries text and bytes, whole and in order, however long a handler takes", async () => {
    await using server = await startSockets(runtime);
    using client = await open(server);
    const long = "\u00e9".repeat(50_000);
    client.sendText("slow one");
    client.sendText("two");
    client.send(frame({ opcode: 2, payload: "\0\x7f" }));
    client.sendText(long);
    const [one, two, bytes, text] = await client.until(4);
    expect([one, two, bytes, text?.length]).toEqual([
      "text slow one",
      "text two",
      "binary \0\x7f",
      "text ".length + 100_000,
    ]);
  });

  test("agrees on a subprotocol, and finds what it was given when it was accepted", async () => {
    await using server = await startSockets(runtime);
    using client = await open(server, { "Sec-WebSocket-Protocol": "a, v2" });
    expect(client.head).toMatch(/\r\nSec-WebSocket-Protocol: v2$/);
    expect(client.head).toMatch(/\r\nx-room: 1/i);
    client.sendText("facts");
    expect(await client.until(1)).toEqual(['text ["v2",1,{},"string"]']);
    using plain = await open(server, { "Sec-WebSocket-Protocol": "a" });
    expect(plain.head).not.toMatch(/Sec-WebSocket-Protocol/i);
  });

  test.each(["arraybuffer", "uint8array"])("has the members of Bun's sockets, and gives bytes as %s", async (kind) => {
    await using server = await startSockets(runtime);
    using client = await open(server);
    client.sendText(`members ${kind}`);
    client.send(frame({ opcode: 2, payload: "\0\x7f" }));
    const facts = JSON.stringify([[false, true, ["b"]], [0, 0, 0], true, [2, 2]]);
    const [text, bytes, ...rest] = await client.until(4);
    expect([text, bytes]).toEqual(["text \u00c3\u00a9", "binary AB"]);
    expect(rest).toEqual([`text ${facts}`, kind === "arraybuffer" ? "text ArrayBuffer" : "text Uint8Array"]);
    client.sendText("terminate");
    expect((await client.until(5))[4]).toBe("close 1000");
    client.send(close(1000));
    await client.untilEnd();
    expect(((await (await fetch(`${server.url}/ends`)).json()) as unknown[])[0]).toBe(0);
  });

  test("opens on a stream of HTTP/2", async () => {
    await using server = await startSockets(runtime);
    using client = await Http2Client.connect(server.port);
    // RFC 9110 §7.8: names of protocols are compared without regard to case.
    for (const protocol of ["websocket", "WebSocket"]) {
      const stream = client.nextStreamId();
      const asked = [
        ...request("/socket", "CONNECT"),
        [":protocol", protocol],
        ["sec-websocket-version", "13"],
      ] as const;
      client.send(headers(stream, asked, false), content(stream, text("over h2")));
      await client.until("the echo", () => client.response(stream).body !== "");
      expect(client.response(stream).status).toBe(200);
      const [echo] = readFrames(Buffer.from(client.response(stream).body, "latin1")).frames;
      expect(echo?.payload.toString()).toBe("over h2");
    }
  });

  test("is refused with the app's own answer", async () => {
    await using server = await startSockets(runtime);
    using raw = await RawClient.connect(server.port);
    raw.send(openingHandshake({}, "/refuse"));
    await raw.untilReceived("not you");
    expect(raw.received).toStartWith("HTTP/1.1 403 ");
  });

  test("is not asked for by a request that the app answers as any other", async () => {
    await using server = await startSockets(runtime);
    using raw = await RawClient.connect(server.port);
    raw.send(openingHandshake({}, "/ends"));
    expect(await raw.untilReceived("[]")).toStartWith("HTTP/1.1 200 ");
  });

  test("closes with the app's code and reason, behind what was sent before and before what comes later", async () => {
    await using server = await startSockets(runtime);
    using client = await open(server);
    client.sendText("close 4001 as you wish");
    expect(await client.until(2)).toEqual(["text before", "close 4001 as you wish"]);
    client.send(close(4001));
    await client.untilEnd();
    using leaving = await open(server);
    leaving.send(close(1000));
    await leaving.untilEnd();
    await until(
      "the app to know",
      async () => ((await (await fetch(`${server.url}/ends`)).json()) as string[]).length === 2,
    );
    expect(await (await fetch(`${server.url}/ends`)).json()).toEqual(["4001 as you wish", "1000"]);
  });

  test("waits for a client that reads slowly, and knows how much waits", async () => {
    await using server = await startSockets(runtime, { stream_credit: "64KiB" });
    using client = await open(server);
    client.sendText("flood 30");
    client.sendText("facts");
    const events = await client.until(31);
    expect(events.filter((event) => event.length === 10_005).length).toBe(30);
    const [, , { buffered }] = JSON.parse(events[30]!.slice("text ".length)) as [string, number, { buffered: number }];
    expect(buffered).toBeGreaterThanOrEqual(300_000 - 64 * 1024 - 10_000);
    expect(buffered).toBeLessThan(300_000);
  });

  test("throws where a message is larger than a frame, and goes on", async () => {
    await using server = await startSockets(runtime, { frame_size: "512KiB" });
    using client = await open(server);
    client.sendText("large 524288");
    expect((await client.until(1))[0]).toContain("FrameTooLargeError: Cannot send a frame");
    client.sendText("still there");
    expect((await client.until(2))[1]).toBe("text still there");
  });
});
