import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { FakeFront, KILLED, settle, STOPPED } from "../../../test/support/supervised-front.ts";
import { FrontSupervisor } from "./front-supervisor.ts";

function supervise({ failingSpawns = 0 } = {}) {
  const fronts: FakeFront[] = [];
  const log = new RecordingLog();
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

/** A successor that is under way, and what became of it: `replaced`, or why it was not. */
async function startReplacing(supervisor: FrontSupervisor) {
  const successors: FakeFront[] = [];
  const outcome = supervisor
    .prepare({
      spawn(generation) {
        successors.push(new FakeFront(2000 + generation));
        return successors.at(-1)!;
      },
      stopTimeoutMs: 40_000,
      startTimeoutMs: 20_000,
    })
    .then(async (succession) => {
      await succession.accept();
      await succession.succeed();
    })
    .then(
      () => "replaced",
      (error: unknown) => (error as Error).message,
    );
  await settle();
  return { successors, successor: successors[0]!, outcome };
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

describe("FrontSupervisor › prepare", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("tells the old front to finish what it has, once its successor serves", async () => {
    const { supervisor, fronts } = supervise();
    const { successor, outcome } = await startReplacing(supervisor);
    expect(fronts[0]?.orders).toEqual([]);
    successor.start();
    expect(await outcome).toBe("replaced");
    expect(fronts[0]?.orders).toEqual(["hand over"]);
    expect([1001, 2002].map((pid) => supervisor.isFront(pid))).toEqual([true, true]);
    fronts[0]?.exit(STOPPED);
    await settle();
    expect([1001, 2002].map((pid) => supervisor.isFront(pid))).toEqual([false, true]);
  });

  test("spawns fronts of the new kind from then on", async () => {
    const { supervisor, fronts } = supervise();
    const { successors, successor, outcome } = await startReplacing(supervisor);
    successor.start();
    await outcome;
    successor.exit({ ...KILLED, livedMs: 10_000 });
    await settle();
    expect([fronts.length, successors.length]).toEqual([1, 2]);
  });

  test.each([
    [
      "says why",
      (front: FakeFront) => front.exit({ ...KILLED, hasStarted: false, failure: "no workers" }),
      "no workers",
    ],
    ["dies", (front: FakeFront) => front.exit({ ...KILLED, hasStarted: false }), "its process ended before it served"],
    ["takes too long", () => jest.advanceTimersByTime(20_000), "its workers were not ready after 20000 ms"],
  ])("keeps the old front when the successor %s", async (_, end, reason) => {
    const { supervisor, fronts } = supervise();
    const { successor, outcome } = await startReplacing(supervisor);
    end(successor);
    expect(await outcome).toBe(`Cannot replace the front: ${reason}; the old one stays`);
    expect(fronts[0]?.orders).toEqual([]);
    expect([1001, 2002].map((pid) => supervisor.isFront(pid))).toEqual([true, false]);
    fronts[0]?.exit({ ...KILLED, livedMs: 10_000 });
    await settle();
    expect(fronts).toHaveLength(2);
  });

  test("keeps the old front when the successor cannot be spawned", async () => {
    const { supervisor, fronts } = supervise();
    const spawn = () => {
      throw new Error("no process left");
    };
    const replaced = supervisor.prepare({ spawn, stopTimeoutMs: 1, startTimeoutMs: 1 });
    await expect(replaced).rejects.toThrow("no process left");
    expect(fronts[0]?.orders).toEqual([]);
  });

  test("takes the place of a front that keeps dying, without further waiting", async () => {
    const { supervisor, fronts } = supervise();
    for (let deaths = 1; deaths <= 2; deaths++) {
      fronts.at(-1)?.exit(KILLED);
      await settle();
    }
    const { successor, outcome } = await startReplacing(supervisor);
    successor.start();
    expect(await outcome).toBe("replaced");
    await pass(5_000);
    expect(fronts).toHaveLength(2);
    expect(await supervisor.stop("kill")).toEqual({ wasCut: true });
  });

  test("kills a front that does not finish in the time of the configuration that follows it", async () => {
    const { supervisor, fronts, events } = supervise();
    const { successor, outcome } = await startReplacing(supervisor);
    successor.start();
    await outcome;
    await pass(39_999);
    expect(fronts[0]?.orders).toEqual(["hand over"]);
    await pass(1);
    expect(fronts[0]?.orders).toEqual(["hand over", "kill"]);
    expect(events()).toContain("error front killed: it did not stop in time");
  });

  test("a stop ends a successor that starts, and waits for the fronts that finish", async () => {
    const { supervisor, fronts } = supervise();
    const first = await startReplacing(supervisor);
    first.successor.start();
    await first.outcome;
    const second = await startReplacing(supervisor);
    const stopped = supervisor.stop("graceful");
    expect(await second.outcome).toContain("the engine is stopping");
    expect(second.successor.orders).toEqual(["kill"]);
    first.successor.exit(STOPPED);
    fronts[0]?.exit({ ...STOPPED, wasCut: true });
    expect(await stopped).toEqual({ wasCut: true });
    const late = await startReplacing(supervisor);
    expect(await late.outcome).toContain("the engine is stopping");
    expect(late.successors).toEqual([]);
  });
});
