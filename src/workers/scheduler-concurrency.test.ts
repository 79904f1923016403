import { describe, expect, test } from "bun:test";
import { SchedulerScene } from "../../test/support/scheduler-scene.ts";
import { TestCall } from "../../test/support/worker-calls.ts";

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe("Scheduler, of workers that run several calls at a time,", () => {
  test("get calls up to their concurrency, the least loaded first, and no more", () => {
    const scene = new SchedulerScene({ workerCount: 0, prefetch: 8 });
    const [a, b] = [scene.addWorker(3), scene.addWorker(3)];
    const calls = Array.from({ length: 8 }, () => scene.submit());
    expect([a.inFlightCount, b.inFlightCount]).toEqual([3, 3]);
    expect([scene.scheduler.queue.depth, scene.scheduler.aheadCount]).toEqual([2, 0]);
    expect(scene.events).toEqual(["all-busy"]);
    scene.answer(a);
    expect(a.calls.at(-1)).toBe(calls[6]);
    for (let i = 0; i < 3; i++) scene.answer(a);
    expect([a.inFlightCount, b.inFlightCount]).toEqual([1, 3]);
    expect(scene.scheduler.allBusySinceMs).toBe(Infinity);
    scene.submit();
    scene.submit();
    expect([a.inFlightCount, b.inFlightCount]).toEqual([3, 3]);
  });

  test("share the load evenly, and idle ones come first", () => {
    const scene = new SchedulerScene({ workerCount: 0 });
    const workers = [scene.addWorker(10), scene.addWorker(10), scene.addWorker(10)];
    for (let i = 0; i < 3; i++) scene.submit();
    expect(workers.map(({ inFlightCount }) => inFlightCount)).toEqual([1, 1, 1]);
    for (let i = 0; i < 9; i++) scene.submit();
    expect(workers.map(({ inFlightCount }) => inFlightCount)).toEqual([4, 4, 4]);
    for (let i = 0; i < 4; i++) scene.answer(workers[1]!);
    expect(scene.scheduler.idleWorkers).toEqual([workers[1]!]);
    scene.submit();
    expect(workers[1]!.inFlightCount).toBe(1);
  });

  test("and are blocked get calls only when no other has a place", () => {
    const scene = new SchedulerScene({ workerCount: 0 });
    const [a, b] = [scene.addWorker(3), scene.addWorker(3)];
    scene.submit();
    scene.submit();
    a.isBlocked = true;
    for (let i = 0; i < 2; i++) scene.submit();
    expect([a.inFlightCount, b.inFlightCount]).toEqual([1, 3]);
    scene.submit();
    expect([a.inFlightCount, b.inFlightCount]).toEqual([2, 3]);
  });

  test("get unsafe methods beside others, and nothing once they had their share", () => {
    const scene = new SchedulerScene({ workerCount: 0 });
    const worker = scene.addWorker(3);
    scene.submit();
    const post = new TestCall("/", { method: "POST" });
    scene.scheduler.submit(post);
    expect(post.state).toBe("running");
    worker.isAccepting = false;
    scene.answer(worker);
    scene.submit();
    scene.submit();
    expect(worker.inFlightCount).toBe(2);
    expect(scene.scheduler.queue.depth).toBe(1);
  });

  test("leave nothing behind when they are lost, and take what came back", async () => {
    const scene = new SchedulerScene({ workerCount: 0 });
    const [a, b] = [scene.addWorker(4), scene.addWorker(4)];
    for (let i = 0; i < 8; i++) scene.submit();
    const lost = [...a.calls];
    scene.scheduler.remove(a);
    scene.scheduler.returnCalls(lost);
    await nextTurn();
    expect(scene.scheduler.queue.depth).toBe(4);
    for (let i = 0; i < 8; i++) scene.answer(b);
    expect(lost.map(({ state }) => state)).toEqual(["ended", "ended", "ended", "ended"]);
    expect(scene.scheduler.idleWorkers).toEqual([b]);
  });
});
