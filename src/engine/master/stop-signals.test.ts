import { describe, expect, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import type { StopUrgency } from "./front-supervisor.ts";
import { listenToSignals } from "./stop-signals.ts";

const NO_ORDERS = { onStop: () => {}, onReload: () => {}, onReopenLogs: () => {}, onUpgrade: () => {} };

describe("listenToSignals", () => {
  test("each request to stop is more urgent than the one before, whichever signal it comes by", () => {
    const urgencies: StopUrgency[] = [];
    using _signals = listenToSignals({
      ...NO_ORDERS,
      onStop: (urgency) => void urgencies.push(urgency),
      log: new RecordingLog(),
    });
    for (const signal of ["SIGTERM", "SIGINT", "SIGTERM", "SIGINT"] as const) process.emit(signal, signal);
    expect(urgencies).toEqual(["graceful", "now", "kill", "kill"]);
  });

  test("SIGUSR2 asks for an upgrade, and for no stop", () => {
    const orders: string[] = [];
    using _signals = listenToSignals({
      ...NO_ORDERS,
      onStop: () => void orders.push("stop"),
      onUpgrade: () => void orders.push("upgrade"),
      log: new RecordingLog(),
    });
    process.emit("SIGUSR2", "SIGUSR2");
    expect(orders).toEqual(["upgrade"]);
  });

  test("SIGHUP is a reload, and a stop when the terminal is gone, once however often it comes", () => {
    const urgencies: StopUrgency[] = [];
    let reloadCount = 0;
    let isTerminalThere = true;
    const log = new RecordingLog();
    using _signals = listenToSignals({
      ...NO_ORDERS,
      onStop: (urgency) => void urgencies.push(urgency),
      onReload: () => void reloadCount++,
      isOnTerminal: () => isTerminalThere,
      log,
    });
    process.emit("SIGHUP", "SIGHUP");
    expect(urgencies).toEqual([]);
    expect(reloadCount).toBe(1);
    isTerminalThere = false;
    process.emit("SIGHUP", "SIGHUP");
    process.emit("SIGHUP", "SIGHUP");
    expect(urgencies).toEqual(["graceful"]);
  });

  test("SIGUSR1 has log files opened anew, each time", () => {
    let count = 0;
    const onReopenLogs = (): void => void count++;
    using _signals = listenToSignals({ ...NO_ORDERS, onReopenLogs, log: new RecordingLog() });
    process.emit("SIGUSR1", "SIGUSR1");
    process.emit("SIGUSR1", "SIGUSR1");
    expect(count).toBe(2);
  });

  test("leaves no handler behind", () => {
    const count = () => process.listenerCount("SIGTERM") + process.listenerCount("SIGHUP");
    const before = count();
    listenToSignals({ ...NO_ORDERS, log: new RecordingLog() })[Symbol.dispose]();
    expect(count()).toBe(before);
  });
});
