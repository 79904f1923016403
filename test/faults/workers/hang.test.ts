import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../../support/process-table.ts";
import { TestPool } from "../../support/test-pool.ts";

const TIMED_OUT = { kind: "timeout" } as const;

describe("A worker that hangs", () => {
  test("is given up at the request timeout, ended and replaced; the next call is answered", async () => {
    await using pool = await TestPool.start({ requestTimeoutMs: 100 });
    const pid = Number(await pool.body("/pid"));
    const call = pool.submit("/sleep?ms=60000");
    expect(await call.outcome).toEqual(TIMED_OUT);
    expect(call.elapsedMs).toBeGreaterThanOrEqual(100);
    expect(call.elapsedMs).toBeLessThan(1_000);
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
    await pool.until("its end", () => !isRunning(pid));
    await pool.untilSettled();
    expect(pool.pool.status.counters).toMatchObject({ timedOutCount: 1, crashedCount: 0 });
  });

  test("and ignores SIGTERM is killed after the stop timeout, while its replacement serves", async () => {
    await using pool = await TestPool.start({ script: "stubborn.php", requestTimeoutMs: 50, stopTimeoutMs: 300 });
    const pid = Number(await pool.body("/"));
    expect(await pool.call("/stuck")).toEqual(TIMED_OUT);
    expect(Number(await pool.body("/"))).not.toBe(pid);
    await pool.until("its end", () => pool.log.named("worker ended after a request timeout").length === 1);
    expect(pool.log.named("worker ended after a request timeout")[0]?.fields["signal"]).toBe("SIGKILL");
  });

  test("because it was stopped (SIGSTOP) is given up, killed and replaced", async () => {
    await using pool = await TestPool.start({ requestTimeoutMs: 100, stopTimeoutMs: 100 });
    const pid = Number(await pool.body("/pid"));
    process.kill(pid, "SIGSTOP");
    expect(await pool.call("/pid")).toEqual(TIMED_OUT);
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
    await pool.until("its end", () => !isRunning(pid));
  });

  test("does not take the calls written ahead to it along: they run once, elsewhere, and are not timed out", async () => {
    await using pool = await TestPool.start({ prefetch: 4, requestTimeoutMs: 200 });
    const file = join(pool.directory, "runs");
    const stuck = pool.submit("/sleep?ms=60000");
    const behind = ["a", "b", "c"].map((line) => pool.submit(`/append?file=${file}&line=${line}`));
    expect(pool.pool.status).toMatchObject({ aheadCount: 3, waitingCount: 3 });
    expect(await stuck.outcome).toEqual(TIMED_OUT);
    for (const call of behind) expect(await call.outcome).toMatchObject({ kind: "response", body: "appended" });
    expect(readFileSync(file, "utf8")).toBe("a\nb\nc\n");
  });

  test("has nothing written ahead that changes something: a client that leaves in time has done nothing", async () => {
    await using pool = await TestPool.start({ prefetch: 4 });
    const file = join(pool.directory, "runs");
    const slow = pool.submit("/sleep?ms=200");
    const left = pool.submit(`/append?file=${file}&line=left`, { method: "POST" });
    const stayed = pool.submit(`/append?file=${file}&line=stayed`, { method: "POST" });
    expect(pool.pool.status).toMatchObject({ aheadCount: 0, waitingCount: 2 });
    pool.pool.abandon(left);
    expect(await slow.outcome).toMatchObject({ kind: "response" });
    expect(await stayed.outcome).toMatchObject({ kind: "response" });
    expect(readFileSync(file, "utf8")).toBe("stayed\n");
  });

  test("delays a call that was written ahead by the request timeout at most, and no other call", async () => {
    await using pool = await TestPool.start({ workers: 2, prefetch: 2, requestTimeoutMs: 400 });
    const stuck = pool.submit("/sleep?ms=60000");
    const calls = Array.from({ length: 40 }, () => pool.submit("/"));
    await Promise.all(calls.map((call) => call.outcome));
    expect(await stuck.outcome).toEqual(TIMED_OUT);
    expect(calls.filter((call) => call.elapsedMs >= 390)).toHaveLength(2);
    for (const call of calls) expect(call.elapsedMs).toBeLessThan(3_000);
  });

  test("each call has its own time, from when it begins", async () => {
    await using pool = await TestPool.start({ prefetch: 4, requestTimeoutMs: 400 });
    const calls = Array.from({ length: 4 }, () => pool.submit("/sleep?ms=200"));
    for (const call of calls) expect(await call.outcome).toMatchObject({ kind: "response" });
  });

  test("with a call whose client has left is given up in silence", async () => {
    await using pool = await TestPool.start({ requestTimeoutMs: 100 });
    const call = pool.submit("/sleep?ms=60000");
    pool.pool.abandon(call);
    expect(await pool.body("/")).toBe("served 1");
    expect(call.ends).toEqual([]);
  });
});
