import { afterAll, afterEach, describe, expect, spyOn, test } from "bun:test";

import { TemporaryDirectory } from "../../test/support/temporary-directory.ts";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { RecordingHandler } from "../../test/support/recording-handler.ts";
import { until } from "../../test/support/until.ts";
import type { Connection } from "./connection.ts";
import type { ConnectionHandler } from "./connection-handler.ts";
import { Listener } from "./listener.ts";
import { type MonitorEvent, unobserved } from "./monitor.ts";
import {
  type ConnectionLoss,
  Reconnector,
  type ReconnectorOptions,
  type ReconnectorOwner,
  type ReconnectGaveUpError,
} from "./reconnector.ts";
import { TimerWheel } from "./timer-wheel.ts";

const TICK_MS = 8;

const directory = new TemporaryDirectory();
afterAll(() => directory[Symbol.dispose]());
const undo: (() => void)[] = [];
afterEach(() => {
  for (const each of undo.splice(0)) each();
});

/** A server on the bench's address, with the connections it has accepted. */
interface Server {
  readonly accepted: Connection[];
  /** Stops, and cuts every connection. */
  fail(): void;
}

class Bench implements ReconnectorOwner {
  readonly clock = new FakeClock();
  readonly path = directory.at(`${undo.length}-${Math.random().toString(36).slice(2)}.sock`);
  readonly observed: MonitorEvent[] = [];
  readonly epochs: number[] = [];
  readonly losses: ConnectionLoss[] = [];
  readonly gaveUp: ReconnectGaveUpError[] = [];
  readonly reconnector: Reconnector;
  onHandler: (connection: Connection) => void = () => {};

  constructor(options: Partial<ReconnectorOptions> = {}) {
    this.reconnector = new Reconnector({
      address: { path: this.path },
      owner: this,
      backoff: { delayMsMin: 100, delayMsMax: 1_000, jitter: "none" },
      wheel: new TimerWheel(this.clock),
      monitor: (event) => this.observed.push(event),
      stallMs: 0,
      ...options,
    });
    undo.push(() => this.reconnector.stop());
  }

  serve(): Server {
    const accepted: Connection[] = [];
    const listener = new Listener({
      address: { path: this.path },
      connectionCountMax: 10,
      wheel: new TimerWheel(),
      monitor: unobserved,
      stallMs: 0,
      accept: (connection) => {
        accepted.push(connection);
        return new RecordingHandler(connection, { onEnd: (each) => each.close("peer") });
      },
    });
    const fail = (): void => {
      listener.stop();
      for (const connection of listener.connections) connection.close();
    };
    undo.push(fail);
    return { accepted, fail };
  }

  onConnected(connection: Connection, epoch: number): ConnectionHandler {
    this.epochs.push(epoch);
    this.onHandler(connection);
    return new RecordingHandler(connection, { onEnd: (each) => each.close("peer") });
  }

  onLost(loss: ConnectionLoss): void {
    this.losses.push(loss);
  }

  onGaveUp(error: ReconnectGaveUpError): void {
    this.gaveUp.push(error);
  }

  get delaysMs(): number[] {
    return this.observed.flatMap((event) => (event.kind === "reconnecting" ? [event.delayMs] : []));
  }

  /** Waits until so many attempts have failed or connections were lost, and lets the wait after it pass. */
  async passDelay(count: number): Promise<void> {
    await until(`wait number ${count}`, () => this.delaysMs.length === count);
    this.clock.advance(this.delaysMs.at(-1)! + TICK_MS);
  }

  async connected(epoch: number): Promise<Connection> {
    return until(`connection number ${epoch}`, () =>
      this.epochs.at(-1) === epoch ? this.reconnector.connection : null,
    );
  }
}

describe("Reconnector", () => {
  test("connects, and connects again under a higher epoch when the connection is lost", async () => {
    const bench = new Bench();
    const server = bench.serve();
    bench.reconnector.start();
    bench.reconnector.start();
    const first = await bench.connected(1);
    await until("the accept", () => server.accepted.length === 1);
    server.accepted[0]!.close();
    await until("the loss", () => bench.losses.length === 1);
    expect(bench.losses[0]).toMatchObject({ epoch: 1, cause: "peer", error: null });
    expect(bench.reconnector.connection).toBeNull();
    expect((first.handler as RecordingHandler).events).toEqual(["end", "close"]);

    await bench.passDelay(1);
    const second = await bench.connected(2);
    expect(second).not.toBe(first);
    expect(bench.reconnector.epoch).toBe(2);
    expect(bench.observed.filter(({ kind }) => kind === "connected")).toEqual([
      { kind: "connected", epoch: 1 },
      { kind: "connected", epoch: 2 },
    ]);
  });

  test("waits longer after every failure until the peer is there", async () => {
    const bench = new Bench();
    bench.reconnector.start();
    for (let count = 1; count <= 5; count++) await bench.passDelay(count);
    await until("wait number 6", () => bench.delaysMs.length === 6);
    expect(bench.delaysMs).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(bench.losses).toEqual([]);
    bench.serve();
    bench.clock.advance(1_000 + TICK_MS);
    await bench.connected(1);
  });

  test("begins anew with its waits once a connection has lasted", async () => {
    const bench = new Bench();
    const server = bench.serve();
    bench.reconnector.start();
    for (const [lastedMs, epoch] of [
      [0, 1],
      [9_999, 2],
      [10_000, 3],
      [0, 4],
    ] as const) {
      await bench.connected(epoch);
      await until("the accept", () => server.accepted.length === epoch);
      bench.clock.advance(lastedMs);
      server.accepted.at(-1)!.close();
      await bench.passDelay(epoch);
    }
    await bench.connected(5);
    expect(bench.delaysMs).toEqual([100, 200, 100, 200]);
  });

  test("tells which calls were written when the connection was lost", async () => {
    const bench = new Bench();
    bench.serve();
    bench.reconnector.start();
    const connection = await bench.connected(1);
    connection.output().writeLatin1("first call");
    const first = connection.queuedBytes;
    connection.flush();
    connection.output().writeLatin1("second call");
    const second = connection.queuedBytes;
    const error = new Error("framing lost");
    connection.poison(error);
    const third = connection.queuedBytes;
    expect(bench.losses[0]).toMatchObject({ epoch: 1, cause: "poisoned", error });
    expect([first, second, third].map((mark) => bench.losses[0]!.wasWritten(mark))).toEqual([true, false, false]);
    await bench.passDelay(1);
    await bench.connected(2);
  });

  test("gives up after so many failures in a row", async () => {
    const bench = new Bench({ attemptCountMax: 3 });
    bench.reconnector.start();
    await bench.passDelay(1);
    await bench.passDelay(2);
    await until("giving up", () => bench.gaveUp.length === 1);
    expect(bench.gaveUp[0]).toMatchObject({ code: "VILYA_RECONNECT_GAVE_UP", cause: { code: "ENOENT" } });
    expect(bench.gaveUp[0]!.message).toStartWith(`Cannot stay connected to unix:${bench.path}: 3 attempts in a row`);
    expect(bench.clock.timerCount).toBe(0);
  });

  test("tells of the last loss before it gives up", async () => {
    const bench = new Bench({ attemptCountMax: 1 });
    const server = bench.serve();
    bench.reconnector.start();
    await bench.connected(1);
    await until("the accept", () => server.accepted.length === 1);
    const order: string[] = [];
    bench.onLost = () => order.push("lost");
    bench.onGaveUp = () => order.push("gave up");
    server.accepted[0]!.close();
    await until("giving up", () => order.length === 2);
    expect(order).toEqual(["lost", "gave up"]);
  });

  test("stop sends what waits, closes, and makes no further attempt", async () => {
    const bench = new Bench();
    const server = bench.serve();
    bench.reconnector.start();
    const connection = await bench.connected(1);
    await until("the accept", () => server.accepted.length === 1);
    connection.output().writeLatin1("QUIT");
    bench.reconnector.stop();
    const handler = connection.handler as RecordingHandler;
    expect(await handler.untilClosed()).toBe("local");
    expect(handler.isWritten).toBe(true);
    const received = server.accepted[0]!.handler as RecordingHandler;
    await received.untilReceived(4);
    bench.reconnector.start();
    bench.clock.advance(60_000);
    expect(bench.losses).toEqual([]);
    expect(server.accepted).toHaveLength(1);
    expect(bench.clock.timerCount).toBe(0);
  });

  test("stop calls off the wait, and an attempt that is under way", async () => {
    const waiting = new Bench();
    waiting.reconnector.start();
    await until("the wait", () => waiting.delaysMs.length === 1);
    waiting.reconnector.stop();
    const server = waiting.serve();
    waiting.clock.advance(60_000);

    const attempting = new Bench();
    const { accepted } = attempting.serve();
    attempting.reconnector.start();
    attempting.reconnector.stop();
    await until("the accept", () => accepted.length === 1 && accepted[0]!.isClosed);
    expect(server.accepted).toEqual([]);
    for (const bench of [waiting, attempting]) {
      expect(bench.epochs).toEqual([]);
      expect(bench.reconnector.connection).toBeNull();
    }
  });

  test("an owner that stops it when it hears of a loss hears no more", async () => {
    const bench = new Bench();
    const server = bench.serve();
    bench.reconnector.start();
    await bench.connected(1);
    await until("the accept", () => server.accepted.length === 1);
    let lossCount = 0;
    bench.onLost = () => {
      lossCount++;
      bench.reconnector.stop();
    };
    server.accepted[0]!.close();
    await until("the loss", () => lossCount === 1);
    expect(bench.delaysMs).toEqual([]);
    expect(bench.clock.timerCount).toBe(0);
  });

  test("tries again when the owner cannot make a handler, or throws when it hears of a loss", async () => {
    const reported = spyOn(globalThis, "reportError").mockImplementation(() => {});
    const bench = new Bench();
    bench.serve();
    bench.onHandler = () => {
      throw new Error("no handler today");
    };
    bench.onLost = () => {
      throw new Error("no ear today");
    };
    bench.reconnector.start();
    await bench.passDelay(1);
    await until("wait number 2", () => bench.delaysMs.length === 2);
    expect(bench.epochs).toEqual([1, 2]);
    expect(reported).toHaveBeenCalledTimes(2);
    reported.mockRestore();
  });
});
