import { describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { TestPool, type TestPoolOptions } from "../../support/test-pool.ts";
import { StreamCall } from "../../support/worker-calls.ts";

/** A pool of workers that run ten requests at a time, in processes of the runtime that runs the tests. */
function start(options: TestPoolOptions = {}): Promise<TestPool> {
  return TestPool.start({ script: "concurrent.ts", binary: process.execPath, ...options });
}

/** The tests put the clock forward by it: a machine that stalls for seconds makes no worker late. */
const REQUEST_TIMEOUT_MS = 5_000;

/** A file that a request waits for, which is there as soon as the gate is opened. */
function gateIn(pool: TestPool, name = "gate"): { readonly file: string; open(): void } {
  const file = join(pool.directory, name);
  return { file, open: () => writeFileSync(file, "") };
}

describe("A worker that runs several requests at a time", () => {
  test("answers out of order: a slow request holds up nobody", async () => {
    await using pool = await start();
    const [first, second] = [gateIn(pool, "first"), gateIn(pool, "second")];
    const targets = ["/hold", `/wait?file=${second.file}`, `/wait?file=${first.file}`, "/pid"];
    const [held, later, sooner, last] = targets.map((target) => pool.submit(target));
    expect(await last!.outcome).toMatchObject({ kind: "response", status: 200 });
    expect([later!.ends, sooner!.ends]).toEqual([[], []]);
    first.open();
    expect(await sooner!.outcome).toMatchObject({ kind: "response", body: "waited" });
    expect([held!.ends, later!.ends]).toEqual([[], []]);
    second.open();
    expect(await later!.outcome).toMatchObject({ kind: "response", body: "waited" });
    pool.pool.abandon(held!);
  });

  test.each([
    [{ environment: { CONCURRENCY: "4" } }, 4],
    [{ concurrencyMax: 3 }, 3],
    [{ concurrencyMax: 1 }, 1],
    [{ environment: { CONCURRENCY: "1" } }, 1],
  ])("gets as many as it says and %j allows, the rest waits", async (options, expected) => {
    await using pool = await start(options);
    const calls = Array.from({ length: 12 }, () => pool.submit("/sleep?ms=10"));
    expect(pool.pool.status.waitingCount).toBe(12 - expected);
    for (const call of calls) expect(await call.outcome).toMatchObject({ kind: "response" });
    expect(await pool.body("/most-running")).toBe(String(expected));
  });

  test("dies with ten requests: all of them are lost, once, and the next one is served", async () => {
    await using pool = await start();
    const held = Array.from({ length: 9 }, () => pool.submit("/hold", { method: "POST" }));
    expect(await pool.call("/exit", { method: "POST" })).toEqual({ kind: "worker-lost" });
    for (const call of held) expect(await call.outcome).toEqual({ kind: "worker-lost" });
    expect(await pool.body("/next")).toBe("/next");
    await pool.until("its end", () => pool.pool.status.counters.crashedCount === 1);
    expect(pool.pool.status.counters).toMatchObject({ lostCount: 10, servedCount: 1 });
  });

  test("hears that a client has left, and its place is free once it says so", async () => {
    await using pool = await start({ environment: { CONCURRENCY: "2" } });
    const pid = await pool.body("/pid");
    const held = [pool.submit("/hold"), pool.submit("/hold")];
    const waiting = pool.submit("/pid");
    expect(waiting.state).toBe("queued");
    for (const call of held) pool.pool.abandon(call);
    expect(await waiting.outcome).toMatchObject({ body: pid });
    expect(await pool.body("/cancelled")).toBe("2");
    expect(held.flatMap(({ ends }) => ends)).toEqual([]);
  });

  test("keeps its process when it heeds the cancel of a request that timed out, with an end or with an answer", async () => {
    await using pool = await start({ requestTimeoutMs: REQUEST_TIMEOUT_MS, cancelGraceMs: 10_000 });
    const pid = await pool.body("/pid");
    const calls = [pool.submit("/hold"), pool.submit("/late-answer")];
    pool.clock.advance(REQUEST_TIMEOUT_MS);
    for (const call of calls) expect(await call.outcome).toEqual({ kind: "timeout" });
    expect(await pool.body("/cancelled")).toBe("2");
    expect(await pool.body("/pid")).toBe(pid);
    expect(pool.pool.status.counters).toMatchObject({ timedOutCount: 2, lostCount: 0 });
  });

  test("is replaced when it ignores a cancel, at no cost to what it runs beside", async () => {
    await using pool = await start({ requestTimeoutMs: REQUEST_TIMEOUT_MS, cancelGraceMs: 50 });
    const pid = Number(await pool.body("/pid"));
    const deaf = pool.submit("/deaf");
    pool.clock.advance(REQUEST_TIMEOUT_MS);
    const gate = gateIn(pool);
    expect(await deaf.outcome).toEqual({ kind: "timeout" });
    const beside = pool.submit(`/wait?file=${gate.file}`);
    await pool.until("the replacement", () => pool.pool.status.leavingCount === 1);
    gate.open();
    expect(await beside.outcome).toMatchObject({ kind: "response", body: "waited" });
    await pool.until("its end", () => pool.exitedPids.includes(pid));
    expect(pool.log.named("worker ended after it ignored a cancel")).toHaveLength(1);
    expect(pool.pool.status.counters).toMatchObject({ lostCount: 0, timedOutCount: 1 });
    expect(await pool.body("/next")).toBe("/next");
  });

  test("is not given up for clients that leave before their request has timed out", async () => {
    await using pool = await start({ requestTimeoutMs: 10_000, cancelGraceMs: 10 });
    const pid = await pool.body("/pid");
    pool.pool.abandon(pool.submit("/deaf"));
    expect(await pool.body("/sleep?ms=100")).toBe("slept 100");
    expect(await pool.body("/pid")).toBe(pid);
  });

  test("streams slowly to one client and answers others at once meanwhile", async () => {
    await using pool = await start({ streamCreditBytes: 16 * 1024 });
    const slow = new StreamCall("/stream?bytes=200000");
    slow.isReading = false;
    pool.pool.submit(slow);
    await pool.until("the first window", () => slow.receivedBytes === 16 * 1024);
    for (let i = 0; i < 20; i++) expect(await pool.body(`/${i}`)).toBe(`/${i}`);
    const fast = new StreamCall("/stream?bytes=200000");
    pool.pool.submit(fast);
    expect(await fast.outcome).toMatchObject({ kind: "response" });
    expect([slow.receivedBytes, fast.receivedBytes]).toEqual([16 * 1024, 200_000]);
    slow.isReading = true;
    slow.stream!.grant(slow.receivedBytes);
    expect(await slow.outcome).toMatchObject({ kind: "response" });
    expect(slow.receivedBytes).toBe(200_000);
  });

  test.each([
    ["/overrun?bytes=100000", "VILYA_WORKER_CREDIT_EXCEEDED"],
    ["/chunk-first", "VILYA_WORKER_STREAM_INVALID"],
    ["/twice", "VILYA_WORKER_RESPONSE_UNEXPECTED"],
  ])("and breaks the rules with %s is retired, and the other streams are cut", async (target, code) => {
    await using pool = await start({ streamCreditBytes: 16 * 1024 });
    const stream = new StreamCall("/stream?bytes=200000");
    stream.isReading = false;
    pool.pool.submit(stream);
    await pool.until("the first window", () => stream.receivedBytes === 16 * 1024);
    pool.pool.submit(new StreamCall(target));
    expect(await stream.outcome).toEqual({ kind: "worker-lost" });
    expect(await pool.body("/next")).toBe("/next");
    await pool.until("its end", () => pool.log.named("worker crashed").length === 1);
    expect(pool.log.named("worker crashed")[0]!.fields).toMatchObject({ error: { code } });
  });

  test("and blocks its loop is seen, gets new requests last, and goes on", async () => {
    await using pool = await start({ workers: 2, pingIntervalMs: 30 });
    const gate = gateIn(pool);
    const blocking = pool.submit(`/block?file=${gate.file}`);
    const blocked = pool.pool.workers.find(({ inFlightCount }) => inFlightCount === 1)!;
    await pool.until("the block", () => pool.pool.workers.some(({ id, isBlocked }) => id === blocked.id && isBlocked));
    // The other worker is idle and watched by nobody: it cannot seem blocked, too.
    const others = Array.from({ length: 10 }, () => pool.submit("/pid"));
    for (const call of others) expect(await call.outcome).not.toMatchObject({ body: String(blocked.pid) });
    gate.open();
    expect(await blocking.outcome).toMatchObject({ body: "blocked" });
    await pool.until("the news", () => pool.log.named("worker runs its loop again").length > 0);
    expect(pool.log.named("worker blocks its loop")[0]?.fields).toMatchObject({ pid: blocked.pid! });
    expect(pool.pool.status.counters).toMatchObject({ lostCount: 0, timedOutCount: 0 });
  });

  test.each([
    ["stream,ping,stack_signal", ["asked where it is"]],
    ["stream,ping", []],
  ])("and blocks its loop is asked where it is, if its features are %s", async (features, expected) => {
    await using pool = await start({ pingIntervalMs: 30, environment: { FEATURES: features } });
    const gate = gateIn(pool);
    const blocking = pool.submit(`/block?file=${gate.file}`);
    await pool.until("the block", () => pool.pool.status.counters.blockedCount > 0);
    gate.open();
    expect(await blocking.outcome).toMatchObject({ body: "blocked" });
    expect(await pool.body("/sleep?ms=20")).toBe("slept 20");
    const said = (): unknown[] => [...new Set(pool.log.outputLines("stderr"))]; // On a busy machine it may seem blocked once more.
    await pool.until("what it says", () => said().length >= expected.length);
    expect(said()).toEqual(expected);
  });

  test("and never turns its loop again is ended: its requests time out, and others are served", async () => {
    await using pool = await start({ pingIntervalMs: 30, pingTimeoutMs: 5_000, stopTimeoutMs: 50 });
    const calls = [pool.submit("/hold"), pool.submit("/block?file=/nowhere")];
    await pool.until("the block", () => pool.pool.status.counters.blockedCount > 0);
    pool.clock.advance(5_000);
    for (const call of calls) expect(await call.outcome).toEqual({ kind: "timeout" });
    expect(await pool.body("/next")).toBe("/next");
    await pool.until(
      "its end",
      () => pool.log.named("worker ended because its loop was blocked").length === 1 && pool.exitedPids.length === 1,
    );
  });

  test("is not watched without the feature: its block is nobody's business but the timeout's", async () => {
    await using pool = await start({ pingIntervalMs: 10, pingTimeoutMs: 50, environment: { FEATURES: "stream" } });
    const gate = gateIn(pool);
    const blocking = pool.submit(`/block?file=${gate.file}`);
    pool.clock.advance(300);
    await Bun.sleep(0);
    gate.open();
    expect(await blocking.outcome).toMatchObject({ body: "blocked" });
    expect(pool.pool.status.counters.blockedCount).toBe(0);
  });

  test("finishes what it runs before it is told to stop", async () => {
    await using pool = await start();
    const pid = Number(await pool.body("/pid"));
    const calls = Array.from({ length: 5 }, (_, i) => pool.submit(`/sleep?ms=${50 + i * 10}`));
    pool.pool.recycle();
    for (const call of calls) expect(await call.outcome).toMatchObject({ kind: "response", status: 200 });
    await pool.until("its end", () => pool.exitedPids.includes(pid));
    expect(pool.pool.status.counters).toMatchObject({ lostCount: 0, servedCount: 6 });
  });
});
