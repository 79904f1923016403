import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { FakeClock } from "../../test/support/fake-clock.ts";
import { isRunning } from "../../test/support/process-table.ts";
import { TestPool } from "../../test/support/test-pool.ts";
import { TestCall, textBody } from "../../test/support/worker-calls.ts";

describe("WorkerPool", () => {
  test("carries bodies both ways, whatever their size", async () => {
    await using pool = await TestPool.start();
    for (const length of [1, 8_191, 65_536, 300_000, 5_000_000]) {
      const body = "\x00\xff ab".repeat(length / 5 + 1).slice(0, length);
      expect(await pool.body("/echo", { method: "POST", body })).toBe(body);
    }
  });

  test("bounds what each worker may take, and starts none that it cannot bound", async () => {
    const limits = { openFileCountMax: 99, addressSpaceBytesMax: 1 << 30, niceness: 19 };
    await using pool = await TestPool.start({ limits });
    const [pid] = pool.pool.processIds();
    expect(readFileSync(`/proc/${pid}/limits`, "latin1")).toMatch(/^Max open files +99 +99 /m);
    const tooMany = { ...limits, openFileCountMax: 2 ** 40 };
    const expectedErrors = ["worker failed to start", "workers keep failing"];
    await using unbounded = await TestPool.start({ limits: tooMany, expectedErrors });
    expect(unbounded.pool.status).toMatchObject({ state: "unavailable", workerCount: 0 });
    expect(String(unbounded.log.named("worker failed to start")[0]?.fields?.["error"])).toContain("EPERM");
  });

  test("a request that takes more memory than its worker may have costs that request alone", async () => {
    const limits = { openFileCountMax: 0, addressSpaceBytesMax: 300 * 1024 * 1024, niceness: 0 };
    await using pool = await TestPool.start({ limits, ini: { memory_limit: "-1" } });
    const before = await pool.body("/pid");
    expect(await pool.call("/grow?bytes=500000000")).toMatchObject({ kind: "worker-lost" });
    expect(await pool.body("/pid")).not.toBe(before);
  });

  test("refuses a call over the frame limit, and takes one at it", async () => {
    await using pool = await TestPool.start({ frameBytesMax: 2_000 });
    const empty = new TestCall("/echo", { method: "POST", body: "x" });
    const room = 2_000 - (empty.frame.length - 4);
    expect(await pool.body("/echo", { method: "POST", body: "x".repeat(room - 1) })).toHaveLength(room - 1);
    const call = pool.submit("/echo", { method: "POST", body: "x".repeat(room + 3) });
    expect(call.ends).toEqual([{ kind: "too-large" }]);
    expect(pool.pool.status.counters.tooLargeCount).toBe(1);
  });

  test("a body that cannot be read ends the call, not the pool", async () => {
    await using pool = await TestPool.start();
    const call = new TestCall("/echo", { method: "POST", body: "x".repeat(100_000) });
    const whole = textBody("x".repeat(100_000));
    let isBroken = true;
    call.body = {
      byteLength: whole.byteLength,
      read(write) {
        if (!isBroken) return whole.read(write);
        isBroken = false;
        write(Buffer.alloc(50_000), 0, 50_000);
        throw new Error("EIO");
      },
    };
    pool.pool.submit(call);
    await call.outcome;
    expect(await pool.body("/")).toBe("served 1");
  });

  test("a call's owner that throws harms nobody else", async () => {
    await using pool = await TestPool.start({ expectedErrors: ["call owner failed"] });
    const throwing = pool.submit("/", {
      onEnd: () => {
        throw new Error("a bug");
      },
    });
    const next = pool.submit("/");
    await throwing.outcome;
    expect(await next.outcome).toMatchObject({ kind: "response", body: "served 2" });
    expect(pool.log.named("call owner failed")[0]?.fields["error"]).toMatchObject({ message: "a bug" });
  });

  test("a call may be submitted from within another one's end, even where nothing may wait", async () => {
    await using pool = await TestPool.start({ overflow: { strategy: "backpressure", queueDepthMax: 0 } });
    const last = Promise.withResolvers<string>();
    const submit = (left: number): void => {
      pool.submit("/", {
        onEnd: (outcome) => {
          if (outcome.kind !== "response") last.resolve(outcome.kind);
          else if (left === 0) last.resolve(outcome.body);
          else submit(left - 1);
        },
      });
    };
    submit(49);
    expect(await last.promise).toBe("served 50");
  });

  describe("when calls are abandoned", () => {
    test("never runs one that waits", async () => {
      await using pool = await TestPool.start();
      const file = join(pool.directory, "runs");
      const first = pool.submit(`/append?file=${file}&line=first&ms=50`);
      const left = pool.submit(`/append?file=${file}&line=left`);
      const last = pool.submit(`/append?file=${file}&line=last`);
      pool.pool.abandon(left);
      await Promise.all([first.outcome, last.outcome]);
      expect(readFileSync(file, "utf8")).toBe("first\nlast\n");
      expect(left.ends).toEqual([]);
    });

    test("lets the worker finish one that runs, and drops the answer", async () => {
      await using pool = await TestPool.start();
      const running = pool.submit("/sleep?ms=50");
      pool.pool.abandon(running);
      expect(await pool.body("/")).toBe("served 2");
      expect(running.ends).toEqual([]);
      expect(pool.pool.status.counters).toMatchObject({ abandonedCount: 1, crashedCount: 0 });
    });

    test("forgets one that has ended, and one twice", async () => {
      await using pool = await TestPool.start();
      const call = pool.submit("/");
      await call.outcome;
      pool.pool.abandon(call);
      expect(pool.pool.status.counters.abandonedCount).toBe(0);
      const other = pool.submit("/sleep?ms=20");
      pool.pool.abandon(other);
      pool.pool.abandon(other);
      expect(pool.pool.status.counters.abandonedCount).toBe(1);
    });
  });

  describe("overflow", () => {
    test("queue_timeout refuses what has waited too long; the next call is answered", async () => {
      const clock = new FakeClock();
      await using pool = await TestPool.start({
        fakeClock: clock,
        overflow: { strategy: "queue_timeout", queueDepthMax: 100, queueTimeoutMs: 60 },
      });
      const running = pool.submit("/sleep?ms=50");
      const waiting = [pool.submit("/"), pool.submit("/")];
      const ends = () => waiting.flatMap((call) => call.ends);
      clock.advance(50);
      expect(ends()).toEqual([]);
      clock.advance(20);
      expect(ends()).toEqual(waiting.map(() => ({ kind: "queue-timeout", retryAfterS: 1 })));
      expect(await running.outcome).toMatchObject({ kind: "response" });
      expect(await pool.body("/")).toBe("served 2");
    });

    test("queue_timeout holds for every request, however fast the ones before were", async () => {
      const clock = new FakeClock();
      await using pool = await TestPool.start({
        fakeClock: clock,
        prefetch: "auto",
        overflow: { strategy: "queue_timeout", queueDepthMax: 1_000, queueTimeoutMs: 100 },
      });
      for (let round = 0; round < 20; round++) {
        await Promise.all(Array.from({ length: 50 }, () => pool.submit("/").outcome));
      }
      const running = pool.submit("/sleep?ms=50");
      const waiting = Array.from({ length: 8 }, () => pool.submit("/"));
      clock.advance(110);
      for (const call of waiting) expect(call.ends).toEqual([{ kind: "queue-timeout", retryAfterS: 1 }]);
      expect(await running.outcome).toMatchObject({ kind: "response" });
    });

    test("backpressure refuses at once what has no place", async () => {
      await using pool = await TestPool.start({ overflow: { strategy: "backpressure", queueDepthMax: 2 } });
      const calls = Array.from({ length: 5 }, () => pool.submit("/sleep?ms=20"));
      expect(calls.map((call) => call.ends.map(({ kind }) => kind))).toEqual([
        [],
        [],
        [],
        ["queue-full"],
        ["queue-full"],
      ]);
      for (const call of calls.slice(0, 3)) expect(await call.outcome).toMatchObject({ kind: "response" });
    });
  });

  describe("stopping", () => {
    test("finishes what runs and what waits, takes nothing new, and lets workers leave in good order", async () => {
      await using pool = await TestPool.start({ workers: 2 });
      const calls = Array.from({ length: 5 }, () => pool.submit("/sleep?ms=50"));
      const stopped = pool.pool.stop({ graceMs: 60_000 });
      expect(pool.submit("/").ends).toEqual([{ kind: "stopping", retryAfterS: 1 }]);
      expect(pool.pool.status.state).toBe("stopping");
      await stopped;
      expect(calls.map((call) => call.ends[0]?.kind)).toEqual(calls.map(() => "response"));
      expect(pool.pool.status).toMatchObject({ state: "stopped", workerCount: 0 });
      expect(pool.log.named("worker stopped").map(({ fields }) => fields["exitCode"])).toEqual([0, 0]);
      expect(pool.submit("/").ends[0]?.kind).toBe("stopping");
      expect(readdirSync(pool.directory)).toEqual([]);
    });

    test("ends what is not finished after the grace", async () => {
      await using pool = await TestPool.start();
      const running = pool.submit("/sleep?ms=60000");
      const waiting = pool.submit("/");
      const [pid] = pool.pool.processIds();
      await pool.pool.stop({ graceMs: 100 });
      expect(running.ends).toEqual([{ kind: "worker-lost" }]);
      expect(waiting.ends).toEqual([{ kind: "stopping", retryAfterS: 1 }]);
      expect(isRunning(pid!)).toBe(false);
    });

    test("a second stop hurries the first", async () => {
      await using pool = await TestPool.start();
      const running = pool.submit("/sleep?ms=60000");
      const stopped = pool.pool.stop({ graceMs: 60_000 });
      void pool.pool.stop({ graceMs: 0 });
      await stopped;
      expect(running.ends).toEqual([{ kind: "worker-lost" }]);
    });

    test("kills a worker that ignores everything", async () => {
      await using pool = await TestPool.start({ script: "stubborn.php", stopTimeoutMs: 100 });
      const [pid] = pool.pool.processIds();
      await pool.pool.stop({ graceMs: 50 });
      expect(isRunning(pid!)).toBe(false);
    });

    test("before the first worker is ready, and before the start, ends at once", async () => {
      await using starting = new TestPool();
      const started = starting.pool.start();
      const waiting = starting.submit("/");
      await starting.pool.stop({ graceMs: 0 });
      expect(waiting.ends[0]?.kind).toBe("stopping");
      await started;
      await using unused = new TestPool();
      await unused.pool.stop({ graceMs: 1_000 });
      expect(unused.pool.status.state).toBe("stopped");
    });

    test("serves what waits even if the first workers are still starting", async () => {
      await using pool = new TestPool();
      void pool.pool.start();
      const call = pool.submit("/");
      await pool.pool.stop({ graceMs: 60_000 });
      expect(call.ends).toMatchObject([{ kind: "response" }]);
    });

    test("tells a worker of level 2 how long it has", async () => {
      await using pool = await TestPool.start({ script: "level-two.php" });
      expect(JSON.parse(await pool.body("/"))).toMatchObject({
        type: "welcome",
        level: 2,
        frame_bytes_max: 10_485_760,
      });
      await pool.pool.stop({ graceMs: 60_000 });
      expect(pool.log.outputLines("stderr")).toEqual(["told to stop within 5000"]);
    });
  });
});
