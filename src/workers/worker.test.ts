import { describe, expect, test } from "bun:test";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { TestPool } from "../../test/support/test-pool.ts";

describe("Worker", () => {
  test("counts an answer that arrives together with its end", async () => {
    await using pool = await TestPool.start();
    for (let i = 0; i < 5; i++) expect(await pool.body("/answer-and-exit")).toBe("last words");
    await pool.until("the last end", () => pool.exitedPids.length === 5);
    expect(pool.pool.status.counters).toMatchObject({ servedCount: 5, leftCount: 5, crashedCount: 0, lostCount: 0 });
  });

  test("that is recycled finishes what it runs, and what was written ahead to it", async () => {
    await using pool = await TestPool.start({ prefetch: 4 });
    const calls = [pool.submit("/sleep?ms=150"), pool.submit("/pid"), pool.submit("/pid")];
    expect(pool.pool.status.aheadCount).toBe(2);
    pool.pool.recycle();
    const bodies = [];
    for (const call of calls) bodies.push(await call.outcome);
    expect(new Set(bodies.map((outcome) => JSON.stringify(outcome))).size).toBe(1);
    await pool.until("its end", () => pool.pool.status.counters.recycledCounts.requested === 1);
    expect(pool.pool.status.counters).toMatchObject({ servedCount: 3, lostCount: 0 });
  });

  test("that is recycled while it hangs is held to the request timeout", async () => {
    const clock = new FakeClock();
    await using pool = await TestPool.start({ requestTimeoutMs: 250, fakeClock: clock });
    const call = pool.submit("/sleep?ms=60000");
    pool.pool.recycle();
    await pool.until("the replacement", () => pool.pool.status.leavingCount === 1);
    expect(await pool.body("/")).toBe("served 1");
    clock.advance(200);
    expect(call.ends).toEqual([]);
    clock.advance(100);
    expect(call.ends).toEqual([{ kind: "timeout" }]);
  });

  test("that asks to be recycled and dies at once is replaced once", async () => {
    await using pool = await TestPool.start();
    const pid = Number(await pool.body("/recycle"));
    process.kill(pid, "SIGKILL");
    await pool.until("its end", () => pool.exitedPids.includes(pid));
    await pool.untilSettled();
    expect(pool.pool.status.workerCount).toBe(1);
    expect(await pool.body("/")).toBe("served 1");
  });

  test("says how much it holds with each answer, and is not recycled below the bound", async () => {
    await using pool = await TestPool.start({ memoryBytesMax: 1_000_000_000 });
    const pid = await pool.body("/memory?bytes=999999999");
    for (let i = 0; i < 3; i++) expect(await pool.body("/pid")).toBe(pid);
  });
});
