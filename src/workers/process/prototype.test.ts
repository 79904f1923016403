import { describe, expect, test } from "bun:test";
import { isRunning } from "../../../test/support/process-table.ts";
import { TestPool, type TestPoolOptions } from "../../../test/support/test-pool.ts";

interface Told {
  readonly pid: number;
  readonly bootPid: number;
  readonly events: readonly string[];
  readonly workerId: string;
  readonly random: number;
  readonly group: number;
  readonly descriptors: number;
}

const OPTIONS = { script: "forked.php", start: "fork" } as const;

async function tell(pool: TestPool, target = "/"): Promise<Told> {
  return JSON.parse(await pool.body(target)) as Told;
}

async function start(options: TestPoolOptions = {}): Promise<TestPool> {
  return TestPool.start({ ...OPTIONS, ...options });
}

function outputOf({ log }: TestPool): readonly unknown[] {
  return log.named("worker output").map(({ fields }) => fields);
}

describe("A pool with `start: fork`", () => {
  test("boots the app once, and forks every worker from that process", async () => {
    await using pool = await start({ workers: 3 });
    // A worker may be ready before the process that forked it has said so.
    const pids = await pool.until("three processes", () => {
      const known = pool.pool.processIds();
      return new Set(known).size === 3 && known;
    });
    const { pid, bootPid, events, group } = await tell(pool);
    expect(pids).toContain(pid);
    expect(pids).not.toContain(bootPid);
    expect(events).toEqual([`before-fork:${bootPid}`, `first:${pid}`, `start:${pid}`]);
    expect(group).toBe(pid);
    expect(new Set(pool.spawnedPids)).toEqual(new Set([...pids, bootPid]));
  });

  test("runs hooks of the same name without a fork, too", async () => {
    await using pool = await start({ start: "exec" });
    const { pid, bootPid, events } = await tell(pool);
    expect(bootPid).toBe(pid);
    expect(events).toEqual([`first:${pid}`, `start:${pid}`]);
    await pool.pool.stop({ graceMs: 60_000 });
    expect(outputOf(pool)).toContainEqual(expect.objectContaining({ workerId: 1, line: "shutdown of 1" }));
  });

  test("replaces a worker without another boot, waits for its shutdown hooks, and draws other random numbers", async () => {
    await using pool = await start({ requestsPerWorkerMax: 1, prefetch: "off" });
    const told: Told[] = [];
    for (let i = 0; i < 5; i++) told.push(await tell(pool));
    expect(new Set(told.map(({ pid }) => pid)).size).toBe(5);
    expect(new Set(told.map(({ random }) => random)).size).toBe(5);
    expect(new Set(told.map(({ bootPid }) => bootPid)).size).toBe(1);
    expect(told.map(({ workerId }) => workerId)).toEqual(["1", "2", "3", "4", "5"]);
    expect(new Set(told.map(({ descriptors }) => descriptors)).size).toBe(1);
    await pool.untilSettled();
    expect(outputOf(pool)).toContainEqual(expect.objectContaining({ workerId: 3, line: "shutdown of 3" }));
    const recycled = pool.log.named("worker recycled").map(({ fields }) => fields);
    expect(recycled).toContainEqual(expect.objectContaining({ exitCode: 0, pid: told[0]!.pid }));
  });

  test("tells whose output it is", async () => {
    await using pool = await start({ workers: 2 });
    const { workerId, pid } = await tell(pool, "/print");
    await pool.until("its lines", () => outputOf(pool).length === 2);
    expect(outputOf(pool)).toContainEqual({ workerId: Number(workerId), pid, stream: "stdout", line: "printed" });
    expect(outputOf(pool)).toContainEqual({ workerId: Number(workerId), pid, stream: "stderr", line: "complained" });
  });

  test("knows how a worker ended, and what it said last", async () => {
    await using pool = await start();
    const { pid } = await tell(pool);
    expect(await pool.call("/die")).toMatchObject({ kind: "worker-lost" });
    await pool.until("its end", () => pool.exitedPids.includes(pid));
    expect(pool.log.named("worker crashed")[0]?.fields).toMatchObject({ pid, signal: 9, stderr: ["last words"] });
    expect((await tell(pool)).pid).not.toBe(pid);
  });

  test.each(["boot", "before-fork", "start"])("says why nothing starts when %s fails", async (step) => {
    const expectedErrors = ["worker failed to start", "workers keep failing"];
    await using pool = await start({ environment: { FAIL: step }, expectedErrors });
    const { fields } = pool.log.named("worker failed to start")[0]!;
    expect(JSON.stringify(fields["stderr"])).toContain(`failed in ${step}`);
  });

  test("ends a boot that takes too long", async () => {
    const expectedErrors = ["worker failed to start", "workers keep failing"];
    await using pool = await start({ environment: { BOOT_MS: "60000" }, startTimeoutMs: 300, expectedErrors });
    expect(pool.log.named("worker failed to start")[0]?.fields["reason"]).toBe("start-timeout");
  });

  test("goes on with its workers when the process that they come from is killed, and boots another for the next one", async () => {
    await using pool = await start({ workers: 2 });
    const first = await tell(pool);
    process.kill(first.bootPid, "SIGKILL");
    await pool.until("its end", () => pool.exitedPids.includes(first.bootPid));
    expect((await tell(pool)).bootPid).toBe(first.bootPid);
    const orphans = pool.pool.processIds();
    for (const pid of orphans) process.kill(pid, "SIGKILL");
    await pool.until("the end of its forks", () => orphans.every((pid) => pool.exitedPids.includes(pid)));
    await pool.untilSettled();
    expect((await tell(pool)).bootPid).not.toBe(first.bootPid);
  });

  test("reloads with another boot, and lets the old one go", async () => {
    await using pool = await start({ workers: 2 });
    const { bootPid } = await tell(pool);
    expect(await pool.pool.reload({ graceMs: 60_000 })).toBeNull();
    expect((await tell(pool)).bootPid).not.toBe(bootPid);
    await pool.until("the end of the old one", () => !isRunning(bootPid));
  });

  test("stops while the app boots", async () => {
    await using pool = new TestPool({ ...OPTIONS, environment: { BOOT_MS: "60000" } });
    void pool.pool.start();
    await pool.until("the boot", () => pool.spawnedPids.length === 1);
    await pool.pool.stop({ graceMs: 0 });
  });

  test("says what a PHP that cannot fork lacks", async () => {
    const expectedErrors = ["worker failed to start", "workers keep failing"];
    await using pool = await start({ ini: { disable_functions: "pcntl_fork" }, expectedErrors });
    const { fields } = pool.log.named("worker failed to start")[0]!;
    expect(JSON.stringify(fields["stderr"])).toContain("start: exec");
  });
});
