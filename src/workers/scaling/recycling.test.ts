import { describe, expect, test } from "bun:test";
import { RecyclingPolicy, type WorkerHealth } from "./recycling.ts";

interface Setting {
  readonly requests?: number;
  readonly jitter?: number;
  readonly memory?: number;
  readonly random?: number;
  readonly resident?: () => number;
}

function policy({ requests = 0, jitter = 0, memory = 0, random = 0, resident = () => 0 }: Setting): RecyclingPolicy {
  return new RecyclingPolicy({
    config: { requestsPerWorkerMax: requests, requestsPerWorkerJitter: jitter, memoryBytesMax: memory },
    readResidentBytes: resident,
    random: () => random,
  });
}

function worker(health: Partial<WorkerHealth>): WorkerHealth {
  return {
    bounds: { dueCount: Infinity, requestCountMax: Infinity },
    servedCount: 0,
    memoryBytes: -1,
    wantsRecycling: false,
    processId: 1,
    memoryCheckedMs: -Infinity,
    ...health,
  };
}

const ALMOST_ONE = 1 - Number.EPSILON;

describe("RecyclingPolicy", () => {
  test.each([
    [0, 0.1, 0.5, Infinity, Infinity],
    [1, 0.1, 0.5, 1, 1],
    [3, 0, 0.5, 3, 3],
    [3, 0.1, 0.5, 2, 3],
    [99, 0.1, 0, 89, 99],
    [100, 0, 0, 100, 200],
    [1_000, 0.1, 0, 900, 2_000],
    [1_000, 0.1, ALMOST_ONE, 999, 2_000],
    [1_000, 1, 0, 1, 2_000],
  ])("bounds %p with jitter %p and chance %p to %p, at most %p", (requests, jitter, random, dueCount, max) => {
    expect(policy({ requests, jitter, random }).drawBounds()).toEqual({ dueCount, requestCountMax: max });
  });

  test("recycles a worker that asks for it", () => {
    expect(policy({}).reasonFor(worker({ wantsRecycling: true }), 0)).toBe("asked");
  });

  test("recycles a worker that has served its share, not one request before", () => {
    const bounds = { dueCount: 10, requestCountMax: 20 };
    expect(policy({}).reasonFor(worker({ bounds, servedCount: 9 }), 0)).toBeNull();
    expect(policy({}).reasonFor(worker({ bounds, servedCount: 10 }), 0)).toBe("max-requests");
  });

  test("recycles a worker that says it holds more memory than it may", () => {
    expect(policy({ memory: 100 }).reasonFor(worker({ memoryBytes: 100 }), 0)).toBeNull();
    expect(policy({ memory: 100 }).reasonFor(worker({ memoryBytes: 101 }), 0)).toBe("memory");
    expect(policy({ memory: 0 }).reasonFor(worker({ memoryBytes: 1e12 }), 0)).toBeNull();
  });

  test("looks at resident memory once a second", () => {
    let lookCount = 0;
    const resident = (): number => (++lookCount < 3 ? 100 : 101);
    const recycling = policy({ memory: 100, resident });
    const subject = worker({});
    const reasons = [0, 1, 999, 1_000, 1_999, 2_000].map((nowMs) => recycling.reasonFor(subject, nowMs));
    expect(reasons).toEqual([null, null, null, null, null, "memory"]);
    expect(lookCount).toBe(3);
  });

  test("does not look where there is no bound, and not at a process that is gone", () => {
    const resident = (): number => {
      throw new Error("looked");
    };
    expect(policy({ resident }).reasonFor(worker({}), 0)).toBeNull();
    expect(policy({ memory: 1, resident }).reasonFor(worker({ processId: null }), 0)).toBeNull();
  });
});
