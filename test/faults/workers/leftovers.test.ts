import { describe, expect, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { isRunning } from "../../support/process-table.ts";
import { TestPool } from "../../support/test-pool.ts";

describe("What a worker starts", () => {
  test("ends with it, even when it outlives its parent and holds its connection and its output open", async () => {
    await using pool = await TestPool.start();
    const pid = Number(await pool.body("/fork"));
    process.kill(pid, "SIGKILL");
    await pool.until("its end", () => pool.pool.status.counters.crashedCount === 1);
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
    // The disposal of the pool finds every process that has its directory in its environment.
  });

  test("and that left its process group does not hold up its replacement, nor its end", async () => {
    await using pool = await TestPool.start();
    const daemon = Number(await pool.body("/fork-away"));
    using _daemon = { [Symbol.dispose]: () => void process.kill(daemon, "SIGKILL") };
    const pidFile = join(pool.directory, "pid");
    const busy = pool.submit(`/hold?file=${pidFile}`);
    const pid = await pool.holder(pidFile);
    process.kill(pid, "SIGKILL");
    expect(await busy.outcome).toEqual({ kind: "worker-lost" });
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
    await pool.until("its end", () => pool.exitedPids.includes(pid));
    expect(isRunning(daemon)).toBe(true);
  });

  test("and the sockets it was given are gone as soon as it has connected", async () => {
    await using pool = await TestPool.start({ workers: 3 });
    expect(readdirSync(pool.directory).filter((name) => name.endsWith(".sock"))).toEqual([]);
  });

  test("is gone when the pool has stopped, with everything else", async () => {
    await using pool = await TestPool.start({ workers: 3 });
    const pids = pool.pool.processIds();
    await pool.body("/fork");
    await pool.pool.stop({ graceMs: 1_000 });
    expect(pids.filter(isRunning)).toEqual([]);
    expect(readdirSync(pool.directory)).toEqual([]);
    expect(pool.pool.status).toMatchObject({ state: "stopped", workerCount: 0, leavingCount: 0 });
  });
});
