import { describe, expect, test } from "bun:test";
import { POOL, TestPool } from "../../support/test-pool.ts";

const LOST = { kind: "worker-lost" } as const;

describe("A worker that lies", () => {
  test.each([
    ["/wrong-id", "VILYA_WORKER_RESPONSE_UNEXPECTED"],
    ["/garbage", "VILYA_WORKER_FRAME_"],
    ["/not-msgpack", "VILYA_WORKER_FRAME_NOT_A_MAP"],
    ["/half-frame", "VILYA_WORKER_FRAME_CUT"],
    ["/huge-frame", "VILYA_WORKER_FRAME_TOO_LARGE"],
  ])("%s is retired; the call it ran is lost and the next one answered", async (target, code) => {
    await using pool = await TestPool.start();
    const pid = Number(await pool.body("/pid"));
    const call = pool.submit(target);
    expect(await call.outcome).toEqual(LOST);
    expect(call.elapsedMs).toBeLessThan(POOL.requestTimeoutMs);
    expect(Number(await pool.body("/pid"))).not.toBe(pid);
    await pool.untilSettled();
    const { fields } = pool.log.named("worker crashed")[0]!;
    expect(fields).toMatchObject({ reason: "protocol-error", error: { code: expect.stringMatching(code) as string } });
  });

  test("with two answers in one write, is retired; neither the answered nor the next call is harmed", async () => {
    await using pool = await TestPool.start();
    const twice = pool.submit("/twice");
    const next = pool.submit("/pid", { method: "POST" });
    expect(await twice.outcome).toMatchObject({ kind: "response", body: "once" });
    expect(await next.outcome).toMatchObject({ kind: "response", status: 200 });
    await pool.untilSettled();
    expect(pool.pool.status.counters).toMatchObject({ crashedCount: 1, lostCount: 0 });
  });

  test("with an answer nobody asked for, is retired while it is idle", async () => {
    await using pool = await TestPool.start();
    expect(await pool.body("/unasked")).toBe("answered");
    await pool.until("its end", () => pool.pool.status.counters.crashedCount === 1);
    expect(await pool.body("/")).toBe("served 1");
    expect(pool.pool.status.counters.lostCount).toBe(0);
  });

  test("with a hello after its first answer, is retired", async () => {
    await using pool = await TestPool.start();
    expect(await pool.body("/")).toBe("served 1");
    expect(await pool.call("/late-hello")).toEqual(LOST);
    await pool.until("its end", () => pool.pool.status.counters.crashedCount === 1);
    expect(pool.log.named("worker crashed")[0]?.fields["error"]).toMatchObject({ code: "VILYA_WORKER_HELLO_LATE" });
  });

  test("byte by byte is only slow", async () => {
    await using pool = await TestPool.start();
    expect(await pool.body("/dribble")).toBe("slow");
    expect(await pool.body("/")).toBe("served 2");
  });

  test("that reports an error is healthy: the error is counted and handed over", async () => {
    await using pool = await TestPool.start();
    expect(await pool.call("/error")).toMatchObject({ kind: "response", error: "the secret reason" });
    expect(await pool.body("/")).toBe("served 2");
    expect(pool.pool.status.counters.errorCount).toBe(1);
  });

  test("at the frame limit is believed, a byte past it not", async () => {
    await using pool = await TestPool.start({ frameBytesMax: 100_000 });
    expect(await pool.body("/huge-answer?bytes=99900")).toHaveLength(99_900);
    expect(await pool.call("/huge-answer?bytes=100000")).toEqual(LOST);
    await pool.until("its end", () => pool.pool.status.counters.crashedCount === 1);
  });
});
