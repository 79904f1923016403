import { describe, expect, test } from "bun:test";
import { copyFileSync, existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { TestPool, WORKER_SCRIPTS } from "../../support/test-pool.ts";

const START_ERRORS = ["worker failed to start", "workers keep failing"];
const UNAVAILABLE = { kind: "unavailable", retryAfterS: 1 } as const;

describe("A worker that does not start", () => {
  test("for a parse error, makes the pool unavailable, and the log says where to look", async () => {
    await using pool = await TestPool.start({ script: "parse-error.php", workers: 4, expectedErrors: START_ERRORS });
    expect(pool.pool.status).toMatchObject({ state: "unavailable", workerCount: 0 });
    const call = pool.submit("/");
    expect(call.ends).toEqual([UNAVAILABLE]);
    expect(JSON.stringify(pool.log.named("worker failed to start")[0]?.fields["stderr"])).toContain("unexpected token");
    expect(pool.log.named("workers keep failing")[0]?.fields).toMatchObject({ failureCount: 2, workerCount: 0 });
  });

  test("keeps nobody waiting: what was queued is refused once starts keep failing", async () => {
    await using pool = new TestPool({ script: "parse-error.php", expectedErrors: START_ERRORS });
    void pool.pool.start();
    expect(await pool.call("/")).toEqual(UNAVAILABLE);
  });

  test("is tried with pauses, one at a time, and the pool recovers when the script is repaired", async () => {
    await using pool = new TestPool({ script: "./worker.php", workers: 3, expectedErrors: START_ERRORS });
    const install = (from: string, to: string): void =>
      copyFileSync(join(WORKER_SCRIPTS, from), join(pool.directory, to));
    install("raw-worker.php", "raw-worker.php");
    install("parse-error.php", "worker.php");
    await pool.pool.start();
    await pool.until("a second round", () => pool.log.named("workers keep failing").length >= 2);
    expect(pool.pool.status.counters.spawnedCount).toBeLessThanOrEqual(3 + 3);
    install("by-path.php", "worker.php");
    await pool.untilSettled();
    expect(await pool.body("/")).toBe("served 1");
  });

  test.each([
    ["exit", "start-failed", 3, null],
    ["exit-zero", "start-failed", 0, null],
    ["refuses", "start-failed", null, "SIGTERM"],
  ])("(%s) is reported as %s", async (BEHAVIOUR, reason, exitCode, signal) => {
    await using pool = new TestPool({
      script: "broken-at-start.php",
      environment: { BEHAVIOUR },
      expectedErrors: START_ERRORS,
    });
    void pool.pool.start();
    await pool.until("the report", () => pool.log.named("worker failed to start").length > 0);
    expect(pool.log.named("worker failed to start")[0]?.fields).toMatchObject({
      workerId: 1,
      reason,
      exitCode,
      signal,
    });
    expect(await pool.call("/")).toEqual(UNAVAILABLE);
  });

  test.each(["silent", "connects-only"])("(%s) is reported after the start timeout", async (BEHAVIOUR) => {
    const startTimeoutMs = 5_000;
    await using pool = new TestPool({
      script: "broken-at-start.php",
      environment: { BEHAVIOUR },
      startTimeoutMs,
      expectedErrors: START_ERRORS,
    });
    void pool.pool.start();
    await pool.until("its silence", () => existsSync(join(pool.directory, BEHAVIOUR)));
    pool.clock.advance(startTimeoutMs);
    await pool.until("the report", () => pool.log.named("worker failed to start").length > 0);
    const report = { workerId: 1, reason: "start-timeout", exitCode: null, signal: "SIGKILL" };
    expect(pool.log.named("worker failed to start")[0]?.fields).toMatchObject(report);
    const call = pool.submit("/");
    await pool.until("another attempt", () => pool.pool.status.counters.spawnedCount === 2);
    pool.clock.advance(startTimeoutMs);
    expect(await call.outcome).toEqual(UNAVAILABLE);
  });

  test("says its last words in the report", async () => {
    await using pool = await TestPool.start({
      script: "broken-at-start.php",
      environment: { BEHAVIOUR: "exit" },
      expectedErrors: START_ERRORS,
    });
    const { fields } = pool.log.named("worker failed to start")[0]!;
    expect(fields["stderr"]).toEqual(["first line", "cannot reach the database"]);
  });

  test("or starts and dies at once, is not started in a tight circle", async () => {
    await using pool = new TestPool({
      script: "broken-at-start.php",
      environment: { BEHAVIOUR: "ready-then-exit" },
      expectedErrors: START_ERRORS,
    });
    void pool.pool.start();
    await pool.until("the third round", () => pool.log.named("workers keep failing").length >= 2);
    // 100 and 200 ms, each cut by up to half, before the third and the fourth; a few more where the machine lets one live for a second.
    expect(pool.pool.status.counters.spawnedCount).toBeLessThanOrEqual(8);
  });

  test("because the binary is missing, is reported with what to do; it is found when it appears", async () => {
    await using pool = new TestPool({ binary: "./php-later", expectedErrors: START_ERRORS });
    await pool.pool.start();
    expect(pool.log.named("worker failed to start")[0]?.fields["error"]).toMatchObject({
      code: "VILYA_WORKER_BINARY_MISSING",
      message: expect.stringContaining("./php-later") as string,
    });
    expect(await pool.call("/")).toEqual(UNAVAILABLE);
    writeFileSync(join(pool.directory, "php-later"), '#!/bin/sh\nexec php "$@"\n', { mode: 0o755 });
    await pool.untilSettled();
    expect(await pool.body("/")).toBe("served 1");
  });

  test("while others serve, costs nobody anything", async () => {
    await using pool = new TestPool({
      script: "broken-at-start.php",
      environment: { BEHAVIOUR_FILE: "behaviour" },
      files: { behaviour: "well" },
      workers: 2,
      expectedErrors: START_ERRORS,
    });
    await pool.pool.start();
    pool.write("behaviour", "exit");
    process.kill(pool.pool.processIds()[0]!, "SIGKILL");
    await pool.until("a few attempts", () => pool.pool.status.counters.startFailedCount >= 3);
    expect(pool.pool.status).toMatchObject({ state: "ready", workerCount: 1 });
    expect(await pool.body("/")).toBe(String(pool.pool.processIds()[0]));
    pool.write("behaviour", "well");
    await pool.untilSettled();
  });
});
