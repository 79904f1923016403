import { expect, test } from "bun:test";

import type { WebSocketSession } from "../../src/http/websocket/websocket-session.ts";
import { type SeededRandom, seededRandom } from "../support/seeded-random.ts";
import { until } from "../support/until.ts";
import type { WebSocketClient } from "../support/websocket-client.ts";
import { close, frame } from "../support/websocket-frames.ts";
import { sendText, WebSocketTestServer } from "../support/websocket-server.ts";

/** Any seed must do; a failing one is named in the title. */
const SEEDS = Array.from({ length: 20 }, (_, index) => index + 1);
const CLIENTS = 4;
const ACTIONS = 200;
const TOPIC = "room";

/** An app that echoes, publishes, holds and closes in no order that makes sense, and keeps what each client has to hear of it. */
class RestlessRoom {
  readonly server: WebSocketTestServer;
  readonly sessions: WebSocketSession[] = [];
  readonly #toHear = new Map<WebSocketSession, string[]>();
  readonly #subscribed = new Set<WebSocketSession>();
  readonly #random: SeededRandom;
  #publishedCount = 0;

  constructor(random: SeededRandom) {
    this.#random = random;
    this.server = new WebSocketTestServer({
      onOpen: (session) => {
        this.sessions.push(session);
        this.#toHear.set(session, []);
      },
      onMessage: (session, message) => this.#onMessage(session, message),
    });
  }

  /** What the client of `session` has to hear, in this order. */
  toHear(session: WebSocketSession): readonly string[] {
    return this.#toHear.get(session)!;
  }

  act(): void {
    const session = this.sessions[this.#random.below(this.sessions.length)]!;
    switch (this.#random.below(8)) {
      case 0:
        session.hold();
        break;
      case 1:
        session.release();
        break;
      case 2:
        if (session.subscribe(TOPIC) !== "closed") this.#subscribed.add(session);
        break;
      case 3:
        session.unsubscribe(TOPIC);
        this.#subscribed.delete(session);
        break;
      case 4:
        this.#publish();
        break;
      case 5:
        if (this.#random.below(40) === 0) session.close(4000, "enough");
        break;
      default:
        this.#say(session, `said ${this.#random.below(1_000)}`);
    }
  }

  #onMessage(session: WebSocketSession, message: string): void {
    this.#say(session, `echo ${message}`);
    if (this.#random.below(5) === 0) session.hold();
    if (this.#random.below(5) === 0) this.#publish();
  }

  #say(session: WebSocketSession, text: string): void {
    if (sendText(session, text) === "sent") this.#toHear.get(session)!.push(`text ${text}`);
  }

  #publish(): void {
    const text = `news ${++this.#publishedCount}`;
    const bytes = Buffer.from(text);
    this.server.bus.publish(TOPIC, { kind: "text", bytes, start: 0, end: bytes.length });
    for (const session of this.#subscribed) if (session.isOpen) this.#toHear.get(session)!.push(`text ${text}`);
  }
}

/** A client that sends numbered messages, whole and in fragments with pings between them, written in pieces. */
class RestlessWriter {
  readonly client: WebSocketClient;
  sentCount = 0;
  isClosing = false;
  #waiting: Buffer = Buffer.alloc(0);
  readonly #random: SeededRandom;

  constructor(client: WebSocketClient, random: SeededRandom) {
    this.client = client;
    this.#random = random;
  }

  act(): void {
    const random = this.#random;
    if (!this.isClosing && random.below(2) === 0) this.#waiting = Buffer.concat([this.#waiting, ...this.#message()]);
    this.#write(random.below(this.#waiting.length + 1));
    if (random.below(300) === 0) this.close();
  }

  /** Ends what it has begun, and closes in good order. */
  close(): void {
    if (this.isClosing) return;
    this.isClosing = true;
    this.#waiting = Buffer.concat([this.#waiting, close(1000)]);
    this.flush();
  }

  flush(): void {
    this.#write(this.#waiting.length);
  }

  #message(): Buffer[] {
    const payload = `message ${++this.sentCount}`;
    const cut = this.#random.below(payload.length);
    if (this.#random.below(2) === 0) return [frame({ opcode: 1, payload })];
    return [
      frame({ fin: 0, opcode: 1, payload: payload.slice(0, cut) }),
      frame({ opcode: 9, payload: "between" }),
      frame({ opcode: 0, payload: payload.slice(cut) }),
    ];
  }

  #write(byteCount: number): void {
    this.client.raw.sendSome(this.#waiting.subarray(0, byteCount));
    this.#waiting = this.#waiting.subarray(byteCount);
  }
}

/** What a client has heard, but for what answers its own pings and its close. */
function heard({ events }: WebSocketClient): readonly string[] {
  return events.filter((event) => event.startsWith("text "));
}

test.each(SEEDS)("WebSockets hear everything in the order in which it was said (seed %d)", async (seed) => {
  const random = seededRandom(seed);
  const room = new RestlessRoom(random);
  using server = room.server;
  const writers: RestlessWriter[] = [];
  for (let count = 0; count < CLIENTS; count++) writers.push(new RestlessWriter(await server.connect(), random));
  const { sessions } = room;
  for (let action = 0; action < ACTIONS; action++) {
    for (const writer of writers) writer.act();
    room.act();
    if (random.below(3) === 0) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  for (const writer of writers) writer.flush();
  await until("everything heard", () => {
    for (const session of sessions) session.release();
    return writers.every((writer, index) => {
      const { client, sentCount } = writer;
      const expected = room.toHear(sessions[index]!);
      if (!sessions[index]!.isOpen) {
        writer.close(); // The server has asked for it, or the client before.
        return client.raw.isEnded;
      }
      const echoes = expected.filter((event) => event.startsWith("text echo")).length;
      return echoes === sentCount && heard(client).length === expected.length;
    });
  });
  for (const [index, { client }] of writers.entries()) {
    const expected = room.toHear(sessions[index]!);
    // Who closes hears nothing more, not even what was published in the same turn.
    const isWhole = sessions[index]!.isOpen;
    expect(heard(client)).toEqual(isWhole ? [...expected] : expected.slice(0, heard(client).length));
    const echoes = expected.filter((event) => event.startsWith("text echo"));
    expect(echoes).toEqual(echoes.map((_, at) => `text echo message ${at + 1}`));
  }
  for (const writer of writers) writer.close();
  await until("the end of the sockets", () => {
    for (const { client } of writers) if (client.raw.isEnded) client[Symbol.dispose]();
    return server.listener.connectionCount === 0;
  });
  expect([server.server.sessions.count, server.log.events.filter(({ level }) => level === "error")]).toEqual([0, []]);
});
