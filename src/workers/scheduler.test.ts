import { describe, expect, test } from "bun:test";
import { SchedulerScene } from "../../test/support/scheduler-scene.ts";
import { TestCall } from "../../test/support/worker-calls.ts";

class SocketCall extends TestCall {
  override needs = "websocket" as const;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("Scheduler", () => {
  test("gives work to the worker that had some last", () => {
    const { scheduler, workers, ...scene } = new SchedulerScene({ workerCount: 3 });
    const [first, , last] = workers;
    const calls = Array.from({ length: 20 }, () => new TestCall("/"));
    for (const call of calls) {
      scheduler.submit(call);
      expect(last!.calls).toEqual([call]);
      last!.answer(scheduler, scene.clock.nowMs());
    }
    expect(scheduler.idleWorkers[0]).toBe(first);
    expect(scheduler.idleCount).toBe(3);
  });

  test("uses every worker before a call waits, and hands out what waits in order", () => {
    const scene = new SchedulerScene({ workerCount: 2 });
    const calls = Array.from({ length: 5 }, () => scene.submit());
    expect(scene.workers.map((worker) => worker.inFlightCount)).toEqual([1, 1]);
    expect(scene.scheduler.queue.depth).toBe(3);
    const [a, b] = scene.workers;
    scene.answer(a!);
    expect(a!.calls).toEqual([calls[2]!]);
    scene.answer(b!);
    expect(b!.calls).toEqual([calls[3]!]);
    scene.answer(b!);
    expect(b!.calls).toEqual([calls[4]!]);
    expect(scene.events).toEqual(["all-busy", "queue-empty"]);
  });

  test("ends what no worker can run, whether it finds one idle or waits for it, and goes on", () => {
    const scene = new SchedulerScene({ workerCount: 1 });
    const [worker] = scene.workers;
    const atOnce = new SocketCall("/");
    scene.scheduler.submit(atOnce);
    expect(atOnce.ends).toEqual([{ kind: "unsupported" }]);
    const running = scene.submit();
    const waiting = [new SocketCall("/"), new SocketCall("/")];
    for (const call of waiting) scene.scheduler.submit(call);
    const last = scene.submit();
    expect(worker!.calls).toEqual([running]);
    scene.answer(worker!);
    expect(waiting.map(({ ends }) => ends)).toEqual([[{ kind: "unsupported" }], [{ kind: "unsupported" }]]);
    expect(worker!.calls).toEqual([last]);
    worker!.features.add("websocket");
    const able = new SocketCall("/");
    scene.scheduler.submit(able);
    scene.answer(worker!);
    expect(worker!.calls).toEqual([able]);
  });

  test("hands what waits to a worker that is new", () => {
    const scene = new SchedulerScene({ workerCount: 0 });
    const call = scene.submit();
    expect(call.state).toBe("queued");
    expect(scene.addWorker().calls).toEqual([call]);
  });

  test("gives nothing to a worker that had its share", () => {
    const scene = new SchedulerScene({ workerCount: 2 });
    const [a, b] = scene.workers;
    scene.submit();
    scene.submit();
    b!.isAccepting = false;
    const waiting = scene.submit();
    scene.answer(b!);
    expect(waiting.state).toBe("queued");
    scene.answer(a!);
    expect(waiting.state).toBe("running");
  });

  test("knows since when all workers have been busy", () => {
    const scene = new SchedulerScene();
    const { scheduler, clock } = scene;
    expect(scheduler.allBusySinceMs).toBe(Infinity);
    scene.submit();
    expect(scheduler.allBusySinceMs).toBe(clock.nowMs());
    scene.submit();
    scene.answer(scene.workers[0]!);
    expect(scheduler.allBusySinceMs).toBe(clock.nowMs());
    scene.answer(scene.workers[0]!);
    expect(scheduler.allBusySinceMs).toBe(Infinity);
  });

  describe("overflow", () => {
    test.each([0, 1, 2, 5])("backpressure holds %p calls and refuses the next", (queueDepthMax) => {
      const scene = new SchedulerScene({ overflow: { strategy: "backpressure", queueDepthMax } });
      scene.submit();
      const waiting = Array.from({ length: queueDepthMax }, () => scene.submit());
      const refused = scene.submit();
      expect(waiting.every((call) => call.state === "queued")).toBe(true);
      expect(refused.ends).toEqual([{ kind: "queue-full", retryAfterS: 7 }]);
      scene.clock.advance(3_600_000);
      expect(waiting.every((call) => call.state === "queued")).toBe(true);
      expect(scene.counters.refusedCounts).toMatchObject({ "queue-full": 1, "queue-timeout": 0 });
    });

    test.each(["queue_timeout", "default"] as const)("%s refuses a call that has waited long enough", (strategy) => {
      const scene = new SchedulerScene({ overflow: { strategy, queueDepthMax: 10, queueTimeoutMs: 500 } });
      scene.submit();
      const early = scene.submit();
      scene.clock.advance(200);
      scene.scheduler.submit(new TestCall("/")); // The clock stands still within a turn: all of these came now.
      scene.clock.advance(299);
      expect(early.state).toBe("queued");
      scene.clock.advance(20);
      expect(early.ends).toEqual([{ kind: "queue-timeout", retryAfterS: 7 }]);
    });

    test("queue_timeout is bounded in depth, too", () => {
      const scene = new SchedulerScene({
        overflow: { strategy: "queue_timeout", queueDepthMax: 2, queueTimeoutMs: 500 },
      });
      const calls = Array.from({ length: 5 }, () => scene.submit());
      expect(calls.map((call) => call.ends[0]?.kind)).toEqual([
        undefined,
        undefined,
        undefined,
        "queue-full",
        "queue-full",
      ]);
    });

    test("a call whose client left makes room and never runs", () => {
      const scene = new SchedulerScene({ overflow: { strategy: "backpressure", queueDepthMax: 1 } });
      scene.submit();
      const left = scene.submit();
      scene.scheduler.queue.remove(left);
      const next = scene.submit();
      scene.answer(scene.workers[0]!);
      expect(scene.workers[0]!.calls).toEqual([next]);
      expect(left.ends).toEqual([]);
    });
  });

  describe("prefetch", () => {
    test("with a number, writes so many ahead to each worker, evenly", () => {
      const scene = new SchedulerScene({ workerCount: 3, prefetch: 3 });
      for (let i = 0; i < 9; i++) scene.submit();
      expect(scene.workers.map((worker) => worker.inFlightCount)).toEqual([3, 3, 3]);
      for (let i = 0; i < 9; i++) scene.submit();
      expect(scene.workers.map((worker) => worker.inFlightCount)).toEqual([4, 4, 4]);
      expect(scene.scheduler.queue.depth).toBe(6);
      expect(scene.scheduler.aheadCount).toBe(9);
      scene.answer(scene.workers[1]!);
      expect(scene.workers.map((worker) => worker.inFlightCount)).toEqual([4, 4, 4]);
      expect(scene.scheduler.queue.depth).toBe(5);
    });

    test.each([
      ["off", 1],
      [1, 2],
      [64, 65],
    ] as const)("%p puts %p calls in flight", (prefetch, inFlightCount) => {
      const scene = new SchedulerScene({ prefetch });
      for (let i = 0; i < 100; i++) scene.submit();
      expect(scene.workers[0]!.inFlightCount).toBe(inFlightCount);
    });

    test("counts what is written ahead against the queue: backpressure 0 refuses as soon as all are busy", () => {
      const scene = new SchedulerScene({ prefetch: 8, overflow: { strategy: "backpressure", queueDepthMax: 0 } });
      scene.submit();
      expect(scene.submit().ends[0]?.kind).toBe("queue-full");
      expect(scene.workers[0]!.inFlightCount).toBe(1);
    });

    test.each([1, 3, 20])("holds no more than %p waiting calls, wherever they wait", (queueDepthMax) => {
      const scene = new SchedulerScene({
        workerCount: 2,
        prefetch: 4,
        overflow: { strategy: "backpressure", queueDepthMax },
      });
      const calls = Array.from({ length: 50 }, () => scene.submit());
      expect(calls.filter((call) => call.ends.length === 0)).toHaveLength(2 + queueDepthMax);
    });

    test("writes nothing behind a response that is streamed", () => {
      const scene = new SchedulerScene({ workerCount: 2, prefetch: 8 });
      const [a, b] = scene.workers;
      scene.submit();
      scene.submit();
      a!.isStreaming = true;
      for (let i = 0; i < 3; i++) scene.submit();
      expect([a!.inFlightCount, b!.inFlightCount]).toEqual([1, 4]);
    });

    test("does not write into a socket that is full, or to a worker that had its share", () => {
      const scene = new SchedulerScene({ workerCount: 2, prefetch: 8 });
      const [a, b] = scene.workers;
      scene.submit();
      scene.submit();
      a!.outputBytes = 64 * 1024;
      for (let i = 0; i < 3; i++) scene.submit();
      expect(a!.inFlightCount).toBe(1);
      expect(b!.inFlightCount).toBe(4);
      b!.isAccepting = false;
      scene.submit();
      expect(scene.scheduler.queue.depth).toBe(1);
    });

    test("auto writes nothing ahead to a worker that is overdue, a stopped one for example", async () => {
      const scene = new SchedulerScene({ workerCount: 2, prefetch: "auto" });
      for (let i = 0; i < 2_000; i++) scene.governor.observe(0.05, 1);
      for (let i = 0; i < 4; i++) scene.submit();
      expect(scene.workers.map((worker) => worker.inFlightCount)).toEqual([2, 2]);
      await nextTurn();
      scene.clock.advance(11);
      scene.answer(scene.workers[0]!);
      for (let i = 0; i < 9; i++) scene.submit();
      expect(scene.workers.map((worker) => worker.inFlightCount)).toEqual([scene.governor.depth, 2]);
    });

    test("auto does not take our own pause for a worker's", async () => {
      const scene = new SchedulerScene({ workerCount: 1, prefetch: "auto" });
      for (let i = 0; i < 2_000; i++) scene.governor.observe(0.05, 1);
      scene.submit();
      scene.clock.advance(50); // Busy ourselves, before the turn ends.
      await nextTurn();
      scene.submit();
      expect(scene.workers[0]!.inFlightCount).toBe(2);
    });

    test("a call that came back goes to an idle worker only, ahead of all others", async () => {
      const scene = new SchedulerScene({ workerCount: 2, prefetch: 4 });
      const [a, b] = scene.workers;
      const calls = Array.from({ length: 6 }, () => scene.submit());
      const lost = [...a!.calls];
      scene.scheduler.remove(a!);
      scene.scheduler.returnCalls(lost.slice(1));
      await nextTurn();
      expect(scene.scheduler.queue.depth).toBe(2);
      const fresh = scene.submit();
      expect(b!.inFlightCount).toBe(3);
      const c = scene.addWorker();
      expect(c.calls[0]).toBe(lost[1]);
      for (let i = 0; i < 3; i++) scene.answer(b!);
      expect(b!.calls[0]).toBe(lost[2]);
      expect(fresh.state).toBe("running");
      expect(calls.filter((call) => call.state === "queued")).toEqual([]);
    });
  });

  describe("without workers", () => {
    test("lets calls wait as long as one is expected", () => {
      const scene = new SchedulerScene({ workerCount: 0 });
      expect(scene.submit().state).toBe("queued");
    });

    test("refuses what waits and what comes once none is expected, until one is there", () => {
      const scene = new SchedulerScene({ workerCount: 0 });
      const waiting = scene.submit();
      scene.scheduler.setUnavailable();
      expect(waiting.ends).toEqual([{ kind: "unavailable", retryAfterS: 7 }]);
      expect(scene.submit().ends).toEqual([{ kind: "unavailable", retryAfterS: 7 }]);
      const worker = scene.addWorker();
      expect(scene.submit().state).toBe("running");
      expect(worker.inFlightCount).toBe(1);
    });
  });

  test("hands out what came back in a later turn, when it is known which workers are left", async () => {
    const scene = new SchedulerScene({ workerCount: 2 });
    const [a, b] = scene.workers;
    const call = scene.submit();
    scene.scheduler.remove(b!);
    scene.scheduler.returnCalls([call]);
    expect(call.state).toBe("queued");
    scene.scheduler.remove(a!);
    await nextTurn();
    expect(call.state).toBe("queued");
    expect(scene.addWorker().calls).toEqual([call]);
  });

  test("while stopping, refuses what comes and serves what waits", () => {
    const scene = new SchedulerScene();
    scene.submit();
    const waiting = scene.submit();
    scene.scheduler.stopAccepting();
    expect(scene.submit().ends).toEqual([{ kind: "stopping", retryAfterS: 7 }]);
    scene.answer(scene.workers[0]!);
    expect(waiting.state).toBe("running");
    scene.scheduler.remove(scene.workers[0]!);
    scene.scheduler.returnCalls([waiting]);
    expect(waiting.ends).toEqual([{ kind: "stopping", retryAfterS: 7 }]);
  });

  test("a call that is submitted while another one ends finds the worker idle", () => {
    const scene = new SchedulerScene({ overflow: { strategy: "backpressure", queueDepthMax: 0 } });
    const [worker] = scene.workers;
    scene.submit();
    const call = worker!.calls.shift()!;
    call.state = "ended";
    scene.scheduler.onAnswered(worker!, 0);
    expect(scene.submit().state).toBe("running");
  });
});
