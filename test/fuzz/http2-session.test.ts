import { expect, test } from "bun:test";

import { FRAME_TYPE } from "../../src/protocols/http2/frame.ts";
import { SETTING } from "../../src/protocols/http2/settings.ts";
import { Http2Client } from "../support/http2-client.ts";
import { content, headers, ping, priority, reset, settings, windowUpdate } from "../support/http2-frames.ts";
import { HttpServer, SMALL_SERVER } from "../support/http-server.ts";
import { expectedBody, RestlessApp } from "../support/restless-app.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";
import { until } from "../support/until.ts";

/** Any seed must do; a failing one is named in the title. */
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const ACTIONS = 150;
const WINDOW_MAX = 2 ** 20;
/** A client sends no more than fits into the server's first windows: it does not count how they are opened. */
const CONTENT_BYTES_MAX = 60_000;
/** Some bodies go to files: `SMALL_SERVER` keeps 1,000 bytes of one in memory. */
const PART_BYTES_MAX = 1_500;
const NO_FLOOD = { resetCountMax: 10_000, idleFrameCountMax: 10_000 };

/** A client that does what the protocol allows, in no order that makes sense, and keeps count of what it has allowed the server. */
class RestlessClient {
  readonly client: Http2Client;
  readonly streams: number[] = [];
  /** Streams whose request is not at its end. */
  readonly #open = new Set<number>();
  readonly resets = new Set<number>();
  readonly #opened = new Map<number, number>();
  #initialWindowMax = 65_535;
  #contentBytes = 0;
  readonly #random: SeededRandom;

  constructor(client: Http2Client, random: SeededRandom) {
    this.client = client;
    this.#random = random;
  }

  act(): void {
    const random = this.#random;
    const stream = this.streams[random.below(Math.max(1, this.streams.length))];
    const choice = random.below(10);
    if (stream === undefined || choice < 3) this.#ask();
    else if (choice < 5) this.#send(stream);
    else if (choice === 5) this.#leave(stream);
    else if (choice === 6) this.#enlarge(random.below(2) === 0 ? 0 : stream);
    else if (choice === 7) this.#resize(random.below(3) === 0 ? 0 : random.below(WINDOW_MAX));
    else if (choice === 8) this.client.send(ping(), priority(stream));
    else this.client.response(stream);
  }

  /** Finishes every request, and lets all that waits come. */
  finish(): void {
    for (const stream of this.#open) this.client.send(content(stream, "", true));
    this.#open.clear();
    this.#resize(WINDOW_MAX);
    this.#enlarge(0, 2 ** 30);
  }

  /** RFC 9113 §6.9: no more content than windows were ever opened for. */
  checkWindows(): void {
    const received = new Map<number, number>();
    for (const { type, streamId, payload } of this.client.frames) {
      if (type !== FRAME_TYPE.data) continue;
      for (const id of [0, streamId]) received.set(id, (received.get(id) ?? 0) + payload.length);
    }
    for (const [id, count] of received) {
      const initial = id === 0 ? 65_535 : this.#initialWindowMax;
      expect(count).toBeLessThanOrEqual(initial + (this.#opened.get(id) ?? 0));
    }
  }

  #ask(): void {
    const stream = this.client.nextStreamId();
    this.streams.push(stream);
    const isWhole = this.#random.below(2) === 0;
    const method = isWhole ? "GET" : "POST";
    const fields = [
      [":method", method],
      [":scheme", "http"],
      [":path", `/${stream}`],
      [":authority", "a"],
    ] as const;
    this.client.send(headers(stream, fields, isWhole));
    if (!isWhole) this.#open.add(stream);
  }

  #send(stream: number): void {
    if (!this.#open.has(stream)) return;
    const isEnd = this.#random.below(3) === 0;
    const byteCount = Math.min(this.#random.below(PART_BYTES_MAX), CONTENT_BYTES_MAX - this.#contentBytes);
    this.#contentBytes += byteCount;
    this.client.send(content(stream, "x".repeat(byteCount), isEnd));
    if (isEnd) this.#open.delete(stream);
  }

  #leave(stream: number): void {
    this.client.send(reset(stream));
    this.#open.delete(stream);
    this.resets.add(stream);
  }

  #enlarge(id: number, increment: number = 1 + this.#random.below(50_000)): void {
    this.client.send(windowUpdate(id, increment));
    this.#opened.set(id, (this.#opened.get(id) ?? 0) + increment);
  }

  #resize(bytes: number): void {
    this.client.send(settings([SETTING.initialWindowSize, bytes]));
    this.#initialWindowMax = Math.max(this.#initialWindowMax, bytes);
  }
}

/** Of connections that have ended: what the disk is at work on holds some memory for a moment. */
async function untilNothingIsLeft(server: HttpServer): Promise<void> {
  await until("the end of the requests", () => server.requests.every(({ exchange }) => exchange.isEnded));
  await until("no memory to be held", () => server.listener.bodyMemoryBytes === 0);
  expect(server.errors).toEqual([]);
}

test.each(SEEDS)("HTTP/2 connections keep their promises in any order of events (seed %d)", async (seed) => {
  const random = seededRandom(seed);
  using server = new HttpServer({ http2: { ...SMALL_SERVER.http2, ...NO_FLOOD, concurrentStreamCountMax: 1_000 } });
  server.bodyIntake = seed % 2 === 0 ? "parts" : "whole";
  const app = new RestlessApp(random);
  const clients: RestlessClient[] = [];
  for (let count = 0; count < 2; count++)
    clients.push(new RestlessClient(await Http2Client.connect(server.port), random));
  for (let action = 0; action < ACTIONS; action++) {
    for (const client of clients) client.act();
    app.act(server.requests);
    if (random.below(4) === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  for (const client of clients) client.finish();
  for (const { client, streams, resets } of clients) {
    await until("the end of every stream", () => {
      app.finish(server.requests);
      return streams.every(
        (id) => resets.has(id) || client.response(id).isEnded || client.response(id).resetBy !== null,
      );
    });
    expect(client.goaways).toEqual([]);
    for (const id of streams) {
      const { body, isEnded, resetBy } = client.response(id);
      const expected = expectedBody(id);
      if (isEnded) expect([id, body === expected]).toEqual([id, true]);
      else expect([id, expected.startsWith(body), resets.has(id) || resetBy]).toEqual([id, true, true]);
    }
  }
  for (const client of clients) {
    client.checkWindows();
    client.client[Symbol.dispose]();
  }
  await until("the end of the connections", () => server.listener.connectionCount === 0);
  await untilNothingIsLeft(server);
});

test.each(SEEDS)(
  "clients of HTTP/2 that leave in the middle of anything leave nothing behind (seed %d)",
  async (seed) => {
    const random = seededRandom(seed);
    using server = new HttpServer({ http2: { ...SMALL_SERVER.http2, ...NO_FLOOD, concurrentStreamCountMax: 1_000 } });
    server.bodyIntake = seed % 2 === 0 ? "parts" : "whole";
    const app = new RestlessApp(random);
    for (let count = 0; count < 3; count++) {
      const client = new RestlessClient(await Http2Client.connect(server.port), random);
      for (let action = random.below(ACTIONS); action > 0; action--) {
        client.act();
        app.act(server.requests);
        if (random.below(4) === 0) await new Promise<void>((resolve) => setImmediate(resolve));
      }
      client.client.raw.reset();
    }
    await until("the end of the connections", () => {
      app.act(server.requests);
      return server.listener.connectionCount === 0;
    });
    await untilNothingIsLeft(server);
  },
);
