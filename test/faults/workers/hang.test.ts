import { describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../../support/process-table.ts";
import { TestPool } from "../../support/test-pool.ts";

const TIMED_OUT = { kind: "timeout" } as const;

/** The tests put the clock forward by it: a machine that stalls for seconds makes no worker late. */
const REQUEST_TIMEOUT_MS = 5_000;

describe("A worker that hangs", () => {
  test("is given up at the request timeout, ended and replaced; the next call is answered", async () => {
    await using pool = await TestPool.start({ requestTimeoutMs: REQUEST_TIMEOUT_MS });
    const pid = Number(await pool.body("/pid"));
    const call = pool.submit("/sleep?ms=60000");
    pool.clock.advance(REQUEST_TIMEOUT_MS / 4);
    await Bun.sleep(0);
    expect(call.ends).toEqual([]);
    pool.clock.advance(REQUEST_TIMEOUT_MS);
    expect(await call.outcome).toEqual(TIMED_OUT);
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
    await pool.until("its end", () => !isRunning(pid));
    await pool.untilSettled();
    expect(pool.pool.status.counters).toMatchObject({ timedOutCount: 1, crashedCount: 0 });
  });

  test("and ignores SIGTERM is killed after the stop timeout, while its replacement serves", async () => {
    const timeouts = { requestTimeoutMs: REQUEST_TIMEOUT_MS, stopTimeoutMs: 300 };
    await using pool = await TestPool.start({ script: "stubborn.php", ...timeouts });
    const pid = Number(await pool.body("/"));
    const stuck = pool.submit("/stuck");
    pool.clock.advance(REQUEST_TIMEOUT_MS);
    expect(await stuck.outcome).toEqual(TIMED_OUT);
    expect(Number(await pool.body("/"))).not.toBe(pid);
    await pool.until("its end", () => pool.log.named("worker ended after a request timeout").length === 1);
    expect(pool.log.named("worker ended after a request timeout")[0]?.fields["signal"]).toBe("SIGKILL");
  });

  test("because it was stopped (SIGSTOP) is given up, killed and replaced", async () => {
    await using pool = await TestPool.start({ requestTimeoutMs: REQUEST_TIMEOUT_MS, stopTimeoutMs: 100 });
    const pid = Number(await pool.body("/pid"));
    process.kill(pid, "SIGSTOP");
    const call = pool.submit("/pid");
    pool.clock.advance(REQUEST_TIMEOUT_MS);
    expect(await call.outcome).toEqual(TIMED_OUT);
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
    await pool.until("its end", () => !isRunning(pid));
  });

  test("does not take the calls written ahead to it along: they run once, elsewhere, and are not timed out", async () => {
    await using pool = await TestPool.start({ prefetch: 4, requestTimeoutMs: REQUEST_TIMEOUT_MS });
    const file = join(pool.directory, "runs");
    const stuck = pool.submit("/sleep?ms=60000");
    const behind = ["a", "b", "c"].map((line) => pool.submit(`/append?file=${file}&line=${line}`));
    expect(pool.pool.status).toMatchObject({ aheadCount: 3, waitingCount: 3 });
    pool.clock.advance(REQUEST_TIMEOUT_MS);
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
    await using pool = await TestPool.start({ workers: 2, prefetch: 2, requestTimeoutMs: REQUEST_TIMEOUT_MS });
    const stuck = pool.submit("/sleep?ms=60000");
    const calls = Array.from({ length: 40 }, () => pool.submit("/"));
    const delayed = () => calls.filter(({ ends }) => ends.length === 0);
    await pool.until("the other calls", () => delayed().length === 2 && pool.pool.status.busyCount === 1);
    expect(stuck.ends).toEqual([]);
    const [first, second] = delayed();
    pool.clock.advance(REQUEST_TIMEOUT_MS);
    expect(await stuck.outcome).toEqual(TIMED_OUT);
    for (const call of [first!, second!]) expect(await call.outcome).toMatchObject({ kind: "response", status: 200 });
  });

  test("each call has its own time, from when it begins", async () => {
    await using pool = await TestPool.start({ prefetch: 4, requestTimeoutMs: 2 * REQUEST_TIMEOUT_MS });
    const gates = ["a", "b", "c", "d"].map((name) => join(pool.directory, name));
    const file = join(pool.directory, "runs");
    const calls = gates.map((gate) => pool.submit(`/append?file=${file}&line=run&until=${gate}`));
    for (const [index, call] of calls.entries()) {
      // Together they take twice as long as each of them may.
      pool.clock.advance(REQUEST_TIMEOUT_MS);
      await Bun.sleep(0);
      writeFileSync(gates[index]!, "");
      expect(await call.outcome).toMatchObject({ kind: "response" });
    }
  });

  test("with a call whose client has left is given up in silence", async () => {
    await using pool = await TestPool.start({ requestTimeoutMs: REQUEST_TIMEOUT_MS });
    const call = pool.submit("/sleep?ms=60000");
    pool.pool.abandon(call);
    pool.clock.advance(REQUEST_TIMEOUT_MS);
    expect(await pool.body("/")).toBe("served 1");
    expect(call.ends).toEqual([]);
  });
});
