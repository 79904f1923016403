import { describe, expect, test } from "bun:test";
import { join } from "node:path";

import { FakeClock } from "../../../test/support/fake-clock.ts";
import { isRunning } from "../../../test/support/process-table.ts";
import { TestPool } from "../../../test/support/test-pool.ts";
import { until } from "../../../test/support/until.ts";

const FLAWED = {
  script: "broken-at-start.php",
  environment: { BEHAVIOUR_FILE: "behaviour" },
  files: { behaviour: "well" },
  expectedErrors: ["worker failed to start", "workers keep failing"],
};

describe("A pool that is reloaded", () => {
  test("asks, once all of the new workers are ready, whether they may take over", async () => {
    await using pool = await TestPool.start({ workers: 2 });
    const generations = () => pool.pool.workers.map(({ generation }) => generation);
    const asked: (readonly number[])[] = [];
    const decision = Promise.withResolvers<boolean>();
    const reloaded = pool.pool.reload({
      mayServe: () => {
        asked.push(generations());
        return decision.promise;
      },
    });
    await pool.until("the question", () => asked.length === 1);
    expect(asked).toEqual([[1, 1, 2, 2]]);
    expect(pool.pool.status).toMatchObject({ workerCount: 2, startingCount: 2 });
    decision.resolve(true);
    expect(await reloaded).toBeNull();
    await pool.untilSettled();
    expect(generations()).toEqual([2, 2]);
  });

  test("keeps its old workers when the new ones may not take over", async () => {
    await using pool = await TestPool.start({ workers: 2 });
    const failure = await pool.pool.reload({ mayServe: () => Promise.resolve(false) });
    expect(failure?.reason).toBe("the workers of another front do not start");
    await pool.untilSettled();
    expect(pool.pool.workers.map(({ generation }) => generation)).toEqual([1, 1]);
    expect(await pool.pool.reload({ mayServe: () => Promise.resolve(true) })).toBeNull();
  });

  test("has all of the new workers take over together, and loses nothing", async () => {
    await using pool = await TestPool.start({ workers: 3 });
    const old = new Set(pool.pool.processIds().map(String));
    const served: { readonly isOld: boolean; readonly order: number }[] = [];
    let isOn = true;
    let order = 0;
    const lane = async (): Promise<void> => {
      while (isOn) {
        const place = ++order;
        const isOld = old.has(await pool.body("/pid"));
        served.push({ order: place, isOld });
      }
    };
    const lanes = [lane(), lane(), lane(), lane()];
    expect(await pool.pool.reload()).toBeNull();
    const before = served.length;
    await pool.until("calls of the new ones", () => served.length > before + 20);
    isOn = false;
    await Promise.all(lanes);
    const lastOld = Math.max(...served.filter(({ isOld }) => isOld).map((call) => call.order));
    const firstNew = Math.min(...served.filter(({ isOld }) => !isOld).map((call) => call.order));
    // Calls that ran meanwhile were handed out before: at most one a lane.
    expect(lastOld - firstNew).toBeLessThan(lanes.length);
    await pool.untilSettled();
    expect(pool.pool.workers.map(({ generation }) => generation)).toEqual([2, 2, 2]);
    expect(pool.pool.status.counters).toMatchObject({ crashedCount: 0, spawnedCount: 6 });
  });

  test("keeps its workers when the new ones do not start, and says why", async () => {
    await using pool = await TestPool.start({ ...FLAWED, workers: 2 });
    const pids = pool.pool.processIds();
    pool.write("behaviour", "exit");
    const failure = await pool.pool.reload();
    expect(failure).toEqual({
      reason: "a worker exited with code 3",
      stderr: ["first line", "cannot reach the database"],
    });
    await pool.untilSettled();
    expect(pool.pool.processIds()).toEqual(pids);
    pool.write("behaviour", "well");
    expect(await pool.pool.reload()).toBeNull();
    expect(pids).not.toContain(Number(await pool.body("/")));
  });

  test("waits for new workers no longer than their starts may take", async () => {
    const clock = new FakeClock();
    await using pool = await TestPool.start({ ...FLAWED, startTimeoutMs: 200, fakeClock: clock });
    pool.write("behaviour", "silent");
    const reloaded = pool.pool.reload();
    let failure: Awaited<typeof reloaded> | undefined;
    void reloaded.then((outcome) => (failure = outcome));
    await pool.until("the end of the reload", () => {
      clock.advance(10);
      return failure;
    });
    expect(failure).toMatchObject({ reason: expect.stringContaining("workers.start_timeout") });
    await pool.untilSettled();
  });

  test("replaces an old worker that dies meanwhile, and one reload more follows for all who ask", async () => {
    await using pool = await TestPool.start({ workers: 2 });
    const first = pool.pool.reload();
    const [victim] = pool.pool.processIds();
    process.kill(victim!, "SIGKILL");
    const others = [pool.pool.reload(), pool.pool.reload()];
    expect(await Promise.all([first, ...others])).toEqual([null, null, null]);
    await pool.untilSettled();
    expect(pool.pool.workers.map(({ generation }) => generation)).toEqual([3, 3]);
  });

  test("mends a pool whose first workers never started", async () => {
    await using pool = await TestPool.start({ ...FLAWED, files: { behaviour: "exit" } });
    expect(pool.pool.status.state).toBe("unavailable");
    pool.write("behaviour", "well");
    expect(await pool.pool.reload()).toBeNull();
    expect(pool.pool.status.state).toBe("ready");
    expect(await pool.body("/")).toMatch(/^\d+$/);
  });

  test("gives old workers their grace, and no more", async () => {
    const clock = new FakeClock();
    await using pool = await TestPool.start({ fakeClock: clock });
    const file = join(pool.directory, "held");
    const held = pool.submit(`/hold?file=${file}`);
    const slow = await pool.holder(file);
    expect(await pool.pool.reload({ graceMs: 150 })).toBeNull();
    expect(pool.pool.processIds()).toContain(slow);
    clock.advance(100);
    expect(isRunning(slow)).toBe(true);
    clock.advance(100);
    expect(await held.outcome).toMatchObject({ kind: "worker-lost" });
    await pool.untilSettled();
  });

  test("grows and shrinks both generations while one is warmed", async () => {
    await using pool = await TestPool.start({ workerCount: 1, workerCountMin: 1, workerCountMax: 3 });
    const calls = Array.from({ length: 12 }, () => pool.submit("/sleep?ms=100"));
    const reloaded = pool.pool.reload();
    for (const call of calls) expect(await call.outcome).toMatchObject({ kind: "response" });
    expect(await reloaded).toBeNull();
    await until("the size that load asked for", () => pool.pool.status.workerCount === pool.pool.status.desiredCount);
  });

  test("refuses when it is being stopped, also one that is under way", async () => {
    await using pool = await TestPool.start();
    const reloaded = pool.pool.reload();
    await pool.pool.stop({ graceMs: 0 });
    expect(await reloaded).toMatchObject({ reason: "the workers are being stopped" });
    expect(await pool.pool.reload()).toMatchObject({ reason: "the workers are being stopped" });
  });
});
