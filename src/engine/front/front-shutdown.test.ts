import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { loadText } from "../../../test/support/config-text.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { settle } from "../../../test/support/supervised-front.ts";
import type { ServingListener } from "../listeners/listener-pair.ts";
import type { FrontListening } from "./front-listening.ts";
import { FrontShutdown } from "./front-shutdown.ts";
import type { FrontSockets } from "./front-sockets.ts";

/** A stop of a front with so many connections, and what its listener is told, in order. */
function shutDown(connectionCount: number): readonly string[] {
  const told: string[] = [];
  const listener: Partial<ServingListener> = {
    connectionCount,
    announceClose: () => void told.push("announce the close"),
    stopQueueing: () => void told.push("stop queueing"),
    stopAccepting: () => void told.push("stop accepting"),
    whenEmpty: () => Promise.resolve(),
    closeConnections: () => 0,
  };
  const shutdown = new FrontShutdown({
    config: loadText({ flags: { runtime: "stub" } }).config,
    listening: { listeners: [listener], close: () => {} } as unknown as FrontListening,
    pools: [],
    sockets: { leave: () => {}, whenIdle: () => Promise.resolve() } as unknown as FrontSockets,
    onDelayOver: () => {},
    log: new RecordingLog(),
  });
  void shutdown.run({ now: false, isDelayed: false });
  return told;
}

/** Lets time pass evenly. */
async function pass(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 10) {
    jest.advanceTimersByTime(10);
    await settle();
  }
}

describe("FrontShutdown", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("announces the close for a while before it accepts nobody any more", async () => {
    const told = shutDown(1);
    await pass(290);
    expect(told).toEqual(["announce the close"]);
    await pass(40);
    expect(told).toEqual(["announce the close", "stop queueing", "stop accepting"]);
  });

  test("does so for almost as long when the machine stands still meanwhile", async () => {
    const told = shutDown(1);
    await settle();
    // However long that takes: it wakes up to one timer that is due.
    jest.advanceTimersToNextTimer();
    await settle();
    await pass(260);
    expect(told).toEqual(["announce the close"]);
    await pass(40);
    expect(told).toEqual(["announce the close", "stop queueing", "stop accepting"]);
  });

  test("announces nothing for nobody", async () => {
    const told = shutDown(0);
    await pass(30);
    expect(told).toEqual(["announce the close", "stop queueing", "stop accepting"]);
  });
});
