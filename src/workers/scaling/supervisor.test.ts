import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { FakeClock } from "../../../test/support/fake-clock.ts";
import { POOL, TestPool, type TestPoolOptions, WORKER_SCRIPTS } from "../../../test/support/test-pool.ts";
import type { Outcome } from "../../../test/support/worker-calls.ts";

/** Calls may take as long as a busy machine takes to start workers. */
const SLOW = {
  requestTimeoutMs: 60_000,
  overflow: { ...POOL.overflow, queueTimeoutMs: 60_000 },
} as const;

/** What a call asks for that goes on when the pool's directory has a file of that name. */
function awaiting({ directory }: TestPool, name: string): string {
  return `/await?file=${join(directory, name)}`;
}

/** Keeps calls coming, one after the other on each of `laneCount` lanes, until `until` says so; returns how they all ended. */
async function keepCalling(pool: TestPool, laneCount: number, until: () => boolean): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  const lane = async (): Promise<void> => {
    while (!until()) outcomes.push(await pool.call("/pid"));
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
  return outcomes;
}

describe("Supervisor", () => {
  test("starts the workers together and reports each process", async () => {
    await using pool = await TestPool.start({ workers: 4 });
    expect(pool.pool.status).toMatchObject({ state: "ready", workerCount: 4, startingCount: 0, busyCount: 0 });
    expect(pool.spawnedPids).toEqual(pool.pool.processIds());
    expect(pool.exitedPids).toEqual([]);
  });

  describe("recycling", () => {
    test("after its share of requests replaces a worker, and loses nothing", async () => {
      await using pool = await TestPool.start({ workers: 2, requestsPerWorkerMax: 100, requestsPerWorkerJitter: 0.5 });
      const recycled = pool.pool.status.counters.recycledCounts;
      const outcomes = await keepCalling(pool, 4, () => recycled["max-requests"] >= 4);
      expect(outcomes.filter(({ kind }) => kind !== "response")).toEqual([]);
      await pool.untilSettled();
    });

    test("to the letter where the bound is small: three requests a worker, in order, none lost", async () => {
      await using pool = await TestPool.start({ requestsPerWorkerMax: 3 });
      const pids: string[] = [];
      for (let i = 0; i < 9; i++) pids.push(await pool.body("/pid"));
      expect(new Set(pids.slice(0, 3)).size).toBe(1);
      expect(new Set(pids.slice(3, 6)).size).toBe(1);
      expect(new Set(pids).size).toBe(3);
    });

    test.each<[string, string, TestPoolOptions]>([
      ["asked", "/recycle", {}],
      ["memory", "/memory?bytes=1000001", { memoryBytesMax: 1_000_000_000 }],
      ["memory", "/grow?bytes=50000000", { memoryBytesMax: 60_000_000 }],
    ])("for %s (%s) starts the replacement before the old one leaves", async (reason, target, options) => {
      const memoryBytesMax = target.startsWith("/memory") ? 1_000_000 : (options.memoryBytesMax ?? 0);
      await using pool = await TestPool.start({ ...options, memoryBytesMax });
      let fewest = Infinity;
      const before = await pool.body(target);
      await pool.until("the replacement", () => {
        fewest = Math.min(fewest, pool.pool.status.workerCount);
        return pool.pool.status.counters.recycledCounts[reason as "asked" | "memory"] === 1;
      });
      expect(fewest).toBe(1);
      expect(await pool.body("/pid")).not.toBe(before);
      expect(pool.log.named("worker recycled")[0]).toMatchObject({ level: "info", fields: { reason, exitCode: 0 } });
    });

    test("on request replaces every worker, one after the other, while all calls are answered", async () => {
      await using pool = await TestPool.start({ workers: 4 });
      const before = new Set(pool.pool.processIds());
      const { counters } = pool.pool.status;
      pool.pool.recycle();
      let most = 0;
      const outcomes = await keepCalling(pool, 8, () => {
        most = Math.max(most, pool.pool.status.workerCount + pool.pool.status.startingCount);
        return counters.recycledCounts.requested === 4;
      });
      expect(outcomes.filter(({ kind }) => kind !== "response")).toEqual([]);
      await pool.untilSettled();
      expect(pool.pool.processIds().filter((pid) => before.has(pid))).toEqual([]);
      expect(most).toBeLessThanOrEqual(5);
      expect(counters).toMatchObject({ crashedCount: 0, spawnedCount: 8 });
    });

    test("on request replaces a worker that is still starting, too", async () => {
      await using pool = new TestPool({ workers: 2 });
      const started = pool.pool.start();
      pool.pool.recycle();
      await started;
      await pool.until("both replacements", () => pool.pool.status.counters.recycledCounts.requested === 2);
      await pool.untilSettled();
    });

    test("keeps the old worker for as long as its replacement does not start", async () => {
      await using pool = await TestPool.start({
        script: "broken-at-start.php",
        environment: { BEHAVIOUR_FILE: "behaviour" },
        expectedErrors: ["worker failed to start", "workers keep failing"],
        files: { behaviour: "well" },
      });
      const pid = await pool.body("/");
      pool.write("behaviour", "exit");
      pool.pool.recycle();
      await pool.until("two attempts", () => pool.pool.status.counters.startFailedCount >= 2);
      expect(await pool.body("/")).toBe(pid);
      pool.write("behaviour", "well");
      await pool.until("the replacement", () => pool.pool.status.counters.recycledCounts.requested === 1);
      expect(await pool.body("/")).not.toBe(pid);
    });
  });

  describe("scaling", () => {
    test("grows to the maximum while calls wait, and not further", async () => {
      await using pool = await TestPool.start({ ...SLOW, workerCount: 1, workerCountMin: 1, workerCountMax: 3 });
      const calls = Array.from({ length: 12 }, () => pool.submit(awaiting(pool, "go")));
      await pool.until("the growth", () => pool.pool.status.workerCount === 3);
      pool.write("go", "");
      for (const call of calls) expect(await call.outcome).toMatchObject({ kind: "response" });
      expect(pool.pool.status).toMatchObject({ workerCount: 3, desiredCount: 3 });
      expect(pool.pool.status.counters.spawnedCount).toBe(3);
    });

    test("grows by one before anything waits, when no worker had a pause", async () => {
      await using pool = await TestPool.start({ ...SLOW, workerCount: 1, workerCountMin: 1, workerCountMax: 4 });
      const call = pool.submit(awaiting(pool, "go"));
      await pool.until("the growth", () => pool.pool.status.workerCount === 2);
      pool.write("go", "");
      await call.outcome;
      expect(pool.pool.status.desiredCount).toBe(2);
    });

    test("does not grow for a moment's crowd", async () => {
      const clock = new FakeClock();
      await using pool = await TestPool.start({
        fakeClock: clock,
        workerCount: 1,
        workerCountMin: 1,
        workerCountMax: 4,
      });
      await pool.body("/");
      await Promise.all(Array.from({ length: 20 }, () => pool.body("/")));
      expect(pool.pool.status.counters.spawnedCount).toBe(1);
    });

    test("retires idle workers one at a time, down to the minimum", async () => {
      const clock = new FakeClock();
      await using pool = await TestPool.start({
        fakeClock: clock,
        workerCount: 4,
        workerCountMin: 2,
        workerCountMax: 4,
        scaleDownIdleMs: 120,
      });
      const counts = new Set<number>();
      await pool.until("the minimum", () => {
        counts.add(pool.pool.status.desiredCount);
        clock.advance(10);
        return pool.pool.status.counters.scaledDownCount === 2;
      });
      expect([...counts]).toEqual([4, 3, 2]);
      expect(pool.log.named("worker retired")[0]?.fields).toMatchObject({ reason: "scaled-down", exitCode: 0 });
      expect(await pool.body("/")).toBe("served 1");
    });

    test("retires all idle workers above the minimum at once, where that is asked for", async () => {
      const clock = new FakeClock();
      await using pool = await TestPool.start({
        fakeClock: clock,
        workerCount: 4,
        workerCountMin: 1,
        workerCountMax: 4,
        aggressiveScaleDownMs: 150,
      });
      const counts = new Set<number>();
      await pool.until("the minimum", () => {
        counts.add(pool.pool.status.desiredCount);
        clock.advance(10);
        return pool.pool.status.counters.scaledDownCount === 3;
      });
      expect([...counts]).toEqual([4, 1]);
    });

    test("counts as started when it has shrunk to the workers that are ready", async () => {
      const script = `<?php
        if (!@mkdir(__DIR__ . '/first')) sleep(60);
        require '${join(WORKER_SCRIPTS, "by-path.php")}';`;
      await using pool = await TestPool.start({
        script: "./late.php",
        files: { "late.php": script },
        workerCount: 2,
        workerCountMin: 1,
        workerCountMax: 2,
        aggressiveScaleDownMs: 100,
      });
      expect(pool.pool.status).toMatchObject({ state: "ready", workerCount: 1, desiredCount: 1 });
      expect(await pool.body("/")).toBe("served 1");
    });

    test("comes back after it has shrunk, and shrinks again", async () => {
      await using pool = await TestPool.start({
        ...SLOW,
        workerCount: 1,
        workerCountMin: 1,
        workerCountMax: 3,
        aggressiveScaleDownMs: 150,
      });
      for (let round = 1; round <= 2; round++) {
        const bodies = Array.from({ length: 8 }, () => pool.body(awaiting(pool, `go-${round}`)));
        await pool.until("the growth", () => pool.pool.status.workerCount === 3);
        pool.write(`go-${round}`, "");
        await Promise.all(bodies);
        await pool.until("the minimum", () => pool.pool.status.counters.scaledDownCount === 2 * round);
        await pool.untilSettled();
      }
    });
  });
});
