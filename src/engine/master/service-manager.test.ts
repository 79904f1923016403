import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";

import { monotonicMicroseconds } from "../../kernel/monotonic-clock.ts";
import { environmentForChildren, environmentForSuccessor, ServiceManager } from "./service-manager.ts";

const STATUS = { isReady: true, workerCount: 4, busyCount: 1, connectionCount: 2 };

function notified(environment: Readonly<Record<string, string>> = {}) {
  const messages: string[] = [];
  const manager = new ServiceManager({
    environment: { NOTIFY_SOCKET: "/run/systemd/notify", ...environment },
    send(_, message) {
      messages.push(message);
      return true;
    },
  });
  return { manager, messages };
}

describe("ServiceManager", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("is told of the start once, and of each status that is new", () => {
    const { manager, messages } = notified();
    manager.onStatus({ ...STATUS, isReady: false });
    for (let count = 0; count < 3; count++) manager.onStatus(STATUS);
    manager.onStatus({ ...STATUS, busyCount: 3 });
    expect(messages).toEqual([
      "STATUS=not ready: no worker has started",
      "READY=1\nSTATUS=4 workers, 1 busy, 2 connections",
      "STATUS=4 workers, 3 busy, 2 connections",
    ]);
  });

  test("is told when a reload begins, in the kernel's clock, and that it is over", () => {
    const { manager, messages } = notified();
    manager.onStatus(STATUS);
    const before = monotonicMicroseconds();
    manager.onReloading();
    manager.onReloaded();
    const [, time = ""] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(messages[1] ?? "") ?? [];
    expect(BigInt(time)).toBeGreaterThanOrEqual(before);
    expect(messages[2]).toStartWith("READY=1\n");
  });

  test("is told of a stop once, with the time that it may take, and then of nothing else", () => {
    const { manager, messages } = notified();
    manager.onStatus(STATUS);
    manager.onStopping(90_000);
    manager.onStopping(90_000);
    manager.onReloading();
    manager.onStatus({ ...STATUS, isReady: false });
    expect(messages.slice(1)).toEqual(["STOPPING=1\nSTATUS=stopping\nEXTEND_TIMEOUT_USEC=90000000"]);
  });

  test("is told which process follows, and then nothing more", () => {
    const { manager, messages } = notified();
    manager.onStatus(STATUS);
    manager.onHandedOver(42);
    manager.onStopping(1_000);
    manager.onStatus({ ...STATUS, isReady: false });
    expect(messages.slice(1)).toEqual(["MAINPID=42"]);
  });

  test("gets signs of life in half the time it waits for them, as long as it is meant", () => {
    const { manager, messages } = notified({ WATCHDOG_USEC: "2000000", WATCHDOG_PID: String(process.pid) });
    const other = notified({ WATCHDOG_USEC: "2000000", WATCHDOG_PID: "1" });
    jest.advanceTimersByTime(3_000);
    expect([messages, other.messages]).toEqual([["WATCHDOG=1", "WATCHDOG=1", "WATCHDOG=1"], []]);
    manager[Symbol.dispose]();
    jest.advanceTimersByTime(3_000);
    expect(messages).toHaveLength(3);
  });

  test("that is busy hears of every change of state when it reads, in their order, and of the status of then", () => {
    const messages: string[] = [];
    let isBusy = true;
    const manager = new ServiceManager({
      environment: { NOTIFY_SOCKET: "/run/systemd/notify" },
      send: (_, message) => !isBusy && messages.push(message) > 0,
    });
    manager.onStatus(STATUS);
    manager.onReloading();
    manager.onStatus({ ...STATUS, busyCount: 2 });
    jest.advanceTimersByTime(1_000);
    isBusy = false;
    manager.onReloaded();
    expect(messages).toEqual([]);
    jest.advanceTimersByTime(100);
    manager.onStatus({ ...STATUS, busyCount: 2 });
    expect(messages).toEqual([
      expect.stringMatching(/^READY=1\nSTATUS=4 workers, 1 busy/),
      expect.stringMatching(/^RELOADING=1\n/),
      "READY=1\nSTATUS=4 workers, 2 busy, 2 connections",
      "STATUS=4 workers, 2 busy, 2 connections",
    ]);
  });

  test("that does not listen is given up, and remembers no more than the last changes of state", () => {
    const messages: string[] = [];
    let sendCount = 0;
    let isListening = false;
    const manager = new ServiceManager({
      environment: { NOTIFY_SOCKET: "/run/systemd/notify" },
      send(_, message) {
        sendCount++;
        return isListening && messages.push(message) > 0;
      },
    });
    manager.onStatus(STATUS);
    jest.advanceTimersByTime(60_000);
    expect(sendCount).toBe(301);
    for (let count = 0; count < 20; count++) {
      manager.onReloading();
      manager.onReloaded();
    }
    isListening = true;
    jest.advanceTimersByTime(100);
    expect(messages).toHaveLength(16);
    expect(messages.at(-1)).toStartWith("READY=1\n");
  });

  test("that nobody has named is told nothing", () => {
    for (const NOTIFY_SOCKET of ["", "relative", "vsock:2:1"]) {
      const { manager, messages } = notified({ NOTIFY_SOCKET });
      manager.onStatus(STATUS);
      expect(messages).toEqual([]);
    }
  });

  test("is forgotten by children", () => {
    const environment = { PATH: "/bin", NOTIFY_SOCKET: "@x", LISTEN_PID: "1", LISTEN_FDS: "1", WATCHDOG_USEC: "1" };
    expect(environmentForChildren(environment)).toEqual({ PATH: "/bin" });
    const kept = { PATH: "/bin", NOTIFY_SOCKET: "@x", WATCHDOG_USEC: "1" };
    expect(environmentForSuccessor(environment)).toEqual(kept);
  });
});
