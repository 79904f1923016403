import { describe, expect, test } from "bun:test";

import { ERROR_CODE } from "../../../src/protocols/http2/error-code.ts";
import { FRAME_FLAG, FRAME_TYPE } from "../../../src/protocols/http2/frame.ts";
import { SETTING } from "../../../src/protocols/http2/settings.ts";
import { fieldBlockOf } from "../../../src/protocols/http/field-list.ts";
import { block, literal } from "../../support/hpack-text.ts";
import type { Http2Client } from "../../support/http2-client.ts";
import {
  content,
  frame,
  headers,
  headersOf,
  ping,
  priority,
  request,
  reset,
  settings,
  settingsAck,
  windowUpdate,
} from "../../support/http2-frames.ts";
import { HttpServer, SMALL_SERVER } from "../../support/http-server.ts";
import { until } from "../../support/until.ts";

/** As `SMALL_SERVER` has them. */
const { resetCountMax, idleFrameCountMax } = SMALL_SERVER.http2;

/** Sends the `round`-th part of a flood. */
type Flood = (client: Http2Client, round: number) => void;

/** What costs a reset, or a refusal. */
const RESETS: Readonly<Record<string, Flood>> = {
  "rapid reset": (client) => client.send(reset(client.request())),
  "resets of requests that are still being sent": (client) => client.send(reset(client.request("/", "POST", null))),
  "made you reset: a window opened too far": (client) => client.send(windowUpdate(client.request(), 2 ** 31 - 1)),
  "made you reset: a window opened by nothing": (client) => client.send(windowUpdate(client.request(), 0)),
  "made you reset: content behind the end": (client) => client.send(content(client.request(), "x")),
  "made you reset: a priority of the wrong length": (client) =>
    client.send(frame(FRAME_TYPE.priority, 0, client.request(), Buffer.alloc(4))),
  "made you reset: more content than was announced": (client) => {
    client.send(content(client.request("/", "POST", null, [["content-length", "1"]]), "xx"));
  },
  "malformed requests": (client) => client.send(headers(client.nextStreamId(), [[":method", "GET"]])),
  "requests above the limit of streams": (client, round) => {
    for (let count = 0; round === 0 && count < SMALL_SERVER.http2.concurrentStreamCountMax; count++) client.request();
    client.request();
  },
  "headers that are too large": (client) => client.request("/", "GET", "", [["x-large", "x".repeat(8_192)]]),
  "an HPACK bomb": (client) => {
    const entry = literal(["x-bomb", "x".repeat(4_000)], "indexed");
    client.send(headersOf(client.nextStreamId(), Buffer.concat([block(request()), entry, Buffer.alloc(9_000, 0xbe)])));
  },
  "bodies that are too large": (client) => client.request("/", "POST", null, [["content-length", "100001"]]),
};

/** What moves nothing. */
const IDLE_FRAMES: Readonly<Record<string, Flood>> = {
  pings: (client) => client.send(ping()),
  "answers to pings nobody sent": (client) => client.send(ping("12345678", true)),
  settings: (client) => client.send(settings([SETTING.initialWindowSize, 1])),
  "empty settings": (client) => client.send(settings()),
  acknowledgements: (client) => client.send(settingsAck()),
  priorities: (client) => client.send(priority(1)),
  "unknown frames": (client) => client.send(frame(0xfa, 0, 0)),
  "windows opened byte by byte": (client) => client.send(windowUpdate(0, 1)),
  "empty content": (client, round) => {
    if (round === 0) client.request("/", "POST", null);
    client.send(content(1, ""));
  },
  "empty content in padding": (client, round) => {
    if (round === 0) client.request("/", "POST", null);
    client.send(frame(FRAME_TYPE.data, FRAME_FLAG.padded, 1, Buffer.from([0])));
  },
  "empty continuations": (client, round) => {
    if (round === 0) client.send(frame(FRAME_TYPE.headers, 0, 1, block(request())));
    client.send(frame(FRAME_TYPE.continuation, 0, 1));
  },
  "resets of a stream that has ended": (client, round) => {
    if (round === 0) client.send(reset(client.request()));
    client.send(reset(1));
  },
  "answers taken byte by byte": (client, round) => {
    if (round === 0) client.send(settings([SETTING.initialWindowSize, 0]));
    if (round === 0) client.request("/answer");
    client.send(windowUpdate(1, 1));
  },
};

/** A flood is let pass this far, and is over at the latest with this many parts. */
async function withstand(part: Flood, passCount: number, partCountMax: number): Promise<void> {
  using server = new HttpServer();
  server.respond = (received) => {
    if (received.target === "/ok") received.answer("ok");
    else if (received.target === "/answer") received.answer("x".repeat(5_000));
  };
  using flooder = await server.connectHttp2();
  using other = await server.connectHttp2();
  let round = 0;
  for (; round < passCount; round++) part(flooder, round);
  expect((await other.untilEnded(other.request("/ok"))).body).toBe("ok");
  expect(flooder.goaways).toEqual([]);
  for (; round < partCountMax; round++) part(flooder, round);
  expect(await flooder.untilClosed()).toBe(ERROR_CODE.enhanceYourCalm);
  expect((await other.untilEnded(other.request("/ok"))).body).toBe("ok");
  expect(server.requests.filter(({ target, exchange }) => target === "/" && !exchange.isEnded)).toEqual([]);
  expect(server.errors).toEqual([]);
}

describe("A client that floods ends its own connection and no other", () => {
  test.each(Object.entries(RESETS))("%s", async (_name, part) => {
    await withstand(part, resetCountMax - 1, 2 * resetCountMax);
  });

  test.each(Object.entries(IDLE_FRAMES))("%s", async (_name, part) => {
    await withstand(part, idleFrameCountMax - 10, 2 * idleFrameCountMax);
  });

  test("a header block without end", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    client.send(frame(FRAME_TYPE.headers, 0, 1, block(request())));
    for (let sent = 0; sent < 8; sent++) client.send(frame(FRAME_TYPE.continuation, 0, 1, Buffer.alloc(16_384)));
    expect(await client.untilClosed()).toBe(ERROR_CODE.enhanceYourCalm);
  });

  test("answers it makes us write and does not read", async () => {
    using server = new HttpServer({ http2: { ...SMALL_SERVER.http2, idleFrameCountMax: 10_000_000 } });
    using client = await server.connectHttp2();
    client.raw.pause();
    const pings = Buffer.concat(Array.from({ length: 1_000 }, () => ping()));
    let refusedCount = 0;
    while (refusedCount < 100) {
      if (client.raw.sendSome(pings) < pings.length) refusedCount++;
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    // It is not read any more: what it sends waits on its side, what we have written is bounded, and the stall deadline runs.
    await until("the cut", () => {
      server.clock.advance(1_000);
      return server.listener.connectionCount === 0;
    });
    expect(server.listener.counters.timedOut).toBe(1);
  });
});

describe("A client that works is not taken for one that floods", () => {
  test("when it cancels as many requests as it lets be answered", async () => {
    using server = new HttpServer();
    server.respond = (received) => void (received.target === "/ok" && received.answer("ok"));
    using client = await server.connectHttp2();
    for (let count = 0; count < 5 * resetCountMax; count++) {
      client.send(reset(client.request()));
      await client.untilEnded(client.request("/ok"));
    }
    expect(client.goaways).toEqual([]);
  });

  test("when it sends windows and a priority with each request", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("ok");
    using client = await server.connectHttp2();
    for (let count = 0; count < idleFrameCountMax; count++) {
      const stream = client.request();
      client.send(priority(stream), windowUpdate(stream, 1), windowUpdate(0, 2));
      await client.untilEnded(stream);
    }
    expect(client.goaways).toEqual([]);
  });

  test("when it opens two windows for each frame of a long answer", async () => {
    using server = new HttpServer();
    server.respond = (received) => received.answer("x".repeat(5_000_000));
    using client = await server.connectHttp2();
    const stream = client.request();
    let frameCount = 0;
    await client.until("the whole answer", () => {
      const { frameBytes, isEnded } = client.response(stream);
      for (const byteCount of frameBytes.slice(frameCount)) {
        client.send(windowUpdate(stream, byteCount), windowUpdate(0, byteCount));
      }
      frameCount = frameBytes.length;
      return isEnded;
    });
    expect(frameCount).toBeGreaterThan(3 * idleFrameCountMax);
    expect(client.goaways).toEqual([]);
  });

  test("when it opens two windows for each of many small events", async () => {
    using server = new HttpServer();
    using client = await server.connectHttp2();
    const stream = client.request();
    await until("the request", () => server.requests.length === 1);
    const events = server.requests[0]!.exchange.begin({ status: 200, fields: fieldBlockOf([]) }, () => {})!;
    for (let count = 1; count <= 2 * idleFrameCountMax; count++) {
      events.write(Buffer.from("event"), 0, 5);
      await client.until("the event", () => client.response(stream).body.length === 5 * count);
      client.send(windowUpdate(stream, 5), windowUpdate(0, 5));
    }
    events.end();
    await client.untilEnded(stream);
    expect(client.goaways).toEqual([]);
  });

  test("when it opens two windows for each 4 KiB of long answers, and none before they have arrived", async () => {
    using server = new HttpServer();
    const length = 2_000_000;
    server.respond = (received) => received.answer("x".repeat(length));
    using client = await server.connectHttp2();
    client.send(settings([SETTING.initialWindowSize, 2 ** 31 - 1]), windowUpdate(0, 2 ** 30));
    const streams = [client.request(), client.request(), client.request()];
    for (const stream of streams) await client.untilEnded(stream);
    for (const stream of streams) {
      for (let read = 0; read < length; read += 4_096) client.send(windowUpdate(stream, 4_096), windowUpdate(0, 4_096));
    }
    expect((length / 4_096) * 2 * streams.length).toBeGreaterThan(2 * idleFrameCountMax);
    expect(await client.untilEnded(client.request())).toMatchObject({ status: 200 });
    expect(client.goaways).toEqual([]);
  });

  test("when it pings a little and often, for days", async () => {
    using server = new HttpServer({ deadlines: { ...SMALL_SERVER.deadlines, idleMs: 1_000_000_000 } });
    using client = await server.connectHttp2();
    for (let sent = 0; sent < 5 * idleFrameCountMax; sent += 50) {
      for (let count = 0; count < 50; count++) client.send(ping(String(sent + count).padStart(8)));
      await client.untilFrame("the last pong", ({ payload }) => payload.toString() === String(sent + 49).padStart(8));
      server.clock.advance(30_000);
    }
    expect(client.goaways).toEqual([]);
  });
});
