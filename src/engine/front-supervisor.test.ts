import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { RecordingLogger } from "../telemetry/recording-logger.ts";
import type { FrontExit } from "./front-process.ts";
import { FrontSupervisor, type SupervisedFront } from "./front-supervisor.ts";

const KILLED: FrontExit = { exitCode: null, signal: "SIGKILL", livedMs: 5, hasStarted: true, wasCut: true };
const STOPPED: FrontExit = { exitCode: 0, signal: null, livedMs: 60_000, hasStarted: true, wasCut: false };

/** A front that lives until the test ends it, and remembers what it was told. */
class FakeFront implements SupervisedFront {
  readonly pid: number;
  readonly orders: string[] = [];
  readonly #exit = Promise.withResolvers<FrontExit>();

  constructor(pid: number) {
    this.pid = pid;
  }

  get exited(): Promise<FrontExit> {
    return this.#exit.promise;
  }

  stop({ isNow }: { isNow: boolean }): void {
    this.orders.push(isNow ? "stop now" : "stop");
  }

  kill(): void {
    this.orders.push("kill");
    this.exit(KILLED);
  }

  exit(exit: FrontExit): void {
    this.#exit.resolve(exit);
  }
}

function supervise({ failingSpawns = 0 } = {}) {
  const fronts: FakeFront[] = [];
  const log = new RecordingLogger();
  const supervisor = new FrontSupervisor({
    spawn(generation) {
      if (failingSpawns-- > 0) throw new Error("no process left");
      const front = new FakeFront(1000 + generation);
      fronts.push(front);
      return front;
    },
    stopTimeoutMs: 30_000,
    log,
  });
  supervisor.start();
  const events = () => log.events.map(({ level, event }) => `${level} ${event}`);
  return { supervisor, fronts, log, events };
}

/** Lets what is already due happen, without any time passing. */
async function settle(): Promise<void> {
  for (let count = 0; count < 20; count++) await Promise.resolve();
}

async function pass(ms: number): Promise<void> {
  jest.advanceTimersByTime(ms);
  await settle();
}

describe("FrontSupervisor", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("replaces a sound front that dies at once, every time", async () => {
    const { fronts, events } = supervise();
    for (let deaths = 1; deaths <= 5; deaths++) {
      fronts.at(-1)?.exit({ ...KILLED, livedMs: 10_000 });
      await settle();
      expect(fronts).toHaveLength(deaths + 1);
    }
    expect(events().filter((event) => event.startsWith("error"))).toEqual([]);
  });

  test("waits longer and longer for fronts that keep dying, up to a bound, and says so", async () => {
    const { fronts, log } = supervise();
    for (let deaths = 1; deaths <= 12; deaths++) {
      fronts.at(-1)?.exit(KILLED);
      await settle();
      await pass(5_000);
      expect(fronts).toHaveLength(deaths + 1);
    }
    const deaths = log.events.filter(({ event }) => event === "front died" || event === "fronts keep dying");
    const delays = deaths.map(({ fields }) => fields["restartDelayMs"] as number);
    expect(delays[0]).toBe(0);
    expect(delays[1]).toBeGreaterThanOrEqual(50);
    expect(Math.max(...delays)).toBeLessThanOrEqual(5_000);
    expect(delays.at(-1)).toBeGreaterThanOrEqual(2_500);
    expect(deaths.map(({ level }) => level)).toEqual([
      "warn",
      "warn",
      ...Array.from({ length: 10 }, () => "error" as const),
    ]);
  });

  test("does not take long life without a start for soundness", async () => {
    const { fronts, log } = supervise();
    for (let deaths = 1; deaths <= 3; deaths++) {
      fronts.at(-1)?.exit({ ...KILLED, hasStarted: false, livedMs: 60_000 });
      await pass(5_000);
      await pass(5_000);
    }
    expect(log.events.map(({ event }) => event)).toContain("fronts keep dying");
  });

  test("tries again when no process can be spawned", async () => {
    const { fronts, events } = supervise({ failingSpawns: 3 });
    for (let count = 0; fronts.length === 0 && count < 10; count++) await pass(5_000);
    expect(fronts).toHaveLength(1);
    expect(events()).toEqual([
      ...Array.from({ length: 3 }, () => "error front cannot be spawned"),
      "info front spawned",
    ]);
  });

  test("stops the front in good order, and spawns none after it", async () => {
    const { supervisor, fronts } = supervise();
    const stopped = supervisor.stop("graceful");
    fronts[0]?.exit(STOPPED);
    expect(await stopped).toEqual({ wasCut: false });
    expect(fronts.map(({ orders }) => orders)).toEqual([["stop"]]);
  });

  test("makes haste when it is told again", async () => {
    const { supervisor, fronts } = supervise();
    const stopped = supervisor.stop("graceful");
    void supervisor.stop("now");
    void supervisor.stop("kill");
    expect(await stopped).toEqual({ wasCut: true });
    expect(fronts[0]?.orders).toEqual(["stop", "stop now", "kill"]);
  });

  test.each([
    ["graceful", 30_000],
    ["now", 3_000],
  ] as const)("kills a front that does not follow a stop (%s) after %p ms", async (urgency, timeoutMs) => {
    const { supervisor, fronts, events } = supervise();
    const stopped = supervisor.stop(urgency);
    await pass(timeoutMs - 1);
    expect(fronts[0]?.orders).not.toContain("kill");
    await pass(1);
    expect(await stopped).toEqual({ wasCut: true });
    expect(events()).toContain("error front killed: it did not stop in time");
  });

  test("does not replace a front that dies during a stop", async () => {
    const { supervisor, fronts, events } = supervise();
    const stopped = supervisor.stop("graceful");
    fronts[0]?.exit(KILLED);
    expect(await stopped).toEqual({ wasCut: true });
    expect(fronts).toHaveLength(1);
    expect(events().filter((event) => event.startsWith("error"))).toEqual([]);
  });

  test("stops at once while it waits to spawn", async () => {
    const { supervisor, fronts } = supervise();
    for (let deaths = 1; deaths <= 2; deaths++) {
      fronts.at(-1)?.exit(KILLED);
      await settle();
    }
    expect(await supervisor.stop("graceful")).toEqual({ wasCut: false });
    expect(fronts).toHaveLength(2);
  });

  test("knows its front from other children", async () => {
    const { supervisor, fronts } = supervise();
    expect([1001, 1002].map((pid) => supervisor.isFront(pid))).toEqual([true, false]);
    fronts[0]?.exit(KILLED);
    await settle();
    expect([1001, 1002].map((pid) => supervisor.isFront(pid))).toEqual([false, true]);
  });
});
