import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { TestPool } from "../../support/test-pool.ts";

const LOST = { kind: "worker-lost" } as const;

describe("A worker that dies", () => {
  test("idle and with SIGKILL, costs nothing", async () => {
    await using pool = await TestPool.start();
    const pid = Number(await pool.body("/pid"));
    process.kill(pid, "SIGKILL");
    await pool.until("the replacement", () => pool.pool.status.counters.crashedCount === 1);
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
  });

  test("idle, unseen, and with calls on the way, loses none of them", async () => {
    await using pool = await TestPool.start();
    const pid = Number(await pool.body("/pid"));
    process.kill(pid, "SIGKILL");
    // Submitted before the event loop could hear of it.
    const calls = [pool.submit("/pid"), pool.submit("/pid", { method: "POST", body: "x" }), pool.submit("/pid")];
    for (const call of calls) expect(await call.outcome).toMatchObject({ kind: "response", status: 200 });
  });

  test.each(["/kill", "/exit?code=0", "/exit?code=3", "/fatal", "/close"])(
    "at work (%s), costs the call it ran and no other",
    async (target) => {
      await using pool = await TestPool.start({ workers: 2 });
      const calls = ["/pid", target, "/pid", "/pid", "/pid"].map((each) => pool.submit(each));
      const outcomes = await Promise.all(calls.map((call) => call.outcome));
      expect(outcomes.filter(({ kind }) => kind === "response")).toHaveLength(4);
      expect(outcomes[1]).toEqual(LOST);
      await pool.untilSettled();
      expect(pool.pool.status.counters).toMatchObject({ lostCount: 1, crashedCount: 1, servedCount: 4 });
    },
  );

  test("at work, never has its call run a second time", async () => {
    await using pool = await TestPool.start({ workers: 2 });
    const file = join(pool.directory, "runs");
    const call = pool.submit(`/append?file=${file}&line=run&ms=10000`);
    await pool.until("its run", () => Bun.file(file).exists());
    for (const pid of pool.pool.processIds()) process.kill(pid, "SIGKILL");
    expect(await call.outcome).toEqual(LOST);
    expect(await pool.body("/")).toBe("served 1");
    expect(readFileSync(file, "utf8")).toBe("run\n");
  });

  test("is named in the log, with its last words", async () => {
    await using pool = await TestPool.start();
    expect(await pool.call("/exit?code=7")).toEqual(LOST);
    await pool.until("the report", () => pool.log.named("worker crashed").length === 1);
    expect(pool.log.named("worker crashed")[0]).toMatchObject({
      level: "warn",
      fields: { workerId: 1, exitCode: 7, signal: null, servedCount: 0, wasRunning: true, stderr: ["leaving with 7"] },
    });
  });

  test("on its first request, time after time, is replaced at once for a while and then with pauses", async () => {
    await using pool = await TestPool.start({ expectedErrors: ["workers keep failing"] });
    for (let i = 0; i < 3; i++) expect(await pool.call("/kill")).toEqual(LOST);
    expect(pool.log.named("workers keep failing")).toHaveLength(0);
    for (let i = 0; i < 2; i++) expect(await pool.call("/kill")).toEqual(LOST);
    expect(pool.log.named("workers keep failing")[0]?.fields).toMatchObject({ crashCount: 4 });
    expect(await pool.body("/")).toBe("served 1");
  });

  test("with calls written ahead behind it, costs the one it ran; the others run once, elsewhere", async () => {
    await using pool = await TestPool.start({ workers: 2, prefetch: 8 });
    const file = join(pool.directory, "runs");
    const pidFile = join(pool.directory, "pid");
    const doomed = pool.submit(`/hold?file=${pidFile}`);
    const other = pool.submit("/sleep?ms=300");
    const behind = Array.from({ length: 12 }, (_, index) => pool.submit(`/append?file=${file}&line=${index}`));
    expect(pool.pool.status.aheadCount).toBe(12);
    process.kill(await pool.holder(pidFile), "SIGKILL");
    expect(await doomed.outcome).toEqual(LOST);
    expect(await other.outcome).toMatchObject({ kind: "response" });
    for (const call of behind) expect(await call.outcome).toMatchObject({ kind: "response", body: "appended" });
    const lines = readFileSync(file, "utf8").trim().split("\n");
    expect(lines.map(Number).toSorted((a, b) => a - b)).toEqual(behind.map((_, index) => index));
  });

  test("of every request it reads, costs that request a few workers and then its answer", async () => {
    // Reading the body takes more memory than PHP may have.
    await using pool = await TestPool.start({ workers: 2, ini: { memory_limit: "4M" } });
    const body = "x".repeat(6_000_000);
    expect(await pool.call("/echo", { method: "POST", body })).toEqual(LOST);
    await pool.untilSettled();
    expect(pool.pool.status.counters.crashedCount).toBeLessThanOrEqual(3);
    expect(await pool.body("/")).toBe("served 1");
  });
});
