import type { OverflowConfig, PoolConfig } from "../../src/config/app-config.ts";
import { TimerWheel } from "../../src/kernel/timer-wheel.ts";
import { CallEnder } from "../../src/workers/calls/call-ender.ts";
import { type PoolCounters, zeroCounters } from "../../src/workers/pool-status.ts";
import { PrefetchGovernor } from "../../src/workers/prefetch.ts";
import { Scheduler } from "../../src/workers/scheduler.ts";
import { TurnClock } from "../../src/workers/watch/turn-clock.ts";
import { FakeClock } from "./fake-clock.ts";
import { FakeWorker } from "./fake-worker.ts";
import { RecordingLog } from "./recording-log.ts";
import { TestCall } from "./worker-calls.ts";

const GENEROUS: OverflowConfig = { strategy: "default", queueDepthMax: 1_000, queueTimeoutMs: 30_000 };

/** A scheduler with workers that answer when the test says so. */
export class SchedulerScene {
  readonly clock: FakeClock = new FakeClock();
  readonly events: string[] = [];
  readonly counters: PoolCounters = zeroCounters();
  readonly governor: PrefetchGovernor;
  readonly scheduler: Scheduler;
  readonly workers: FakeWorker[];

  constructor(options: { workerCount?: number; prefetch?: PoolConfig["prefetch"]; overflow?: OverflowConfig } = {}) {
    const { workerCount = 1, prefetch = "off", overflow = GENEROUS } = options;
    const wheel = new TimerWheel(this.clock);
    this.governor = new PrefetchGovernor(prefetch);
    this.scheduler = new Scheduler({
      overflow,
      retryAfterS: 7,
      prefetch: this.governor,
      wheel,
      clock: new TurnClock(wheel),
      ender: new CallEnder(this.counters, new RecordingLog()),
      onAllBusy: () => this.events.push("all-busy"),
      onQueueEmpty: () => this.events.push("queue-empty"),
    });
    this.workers = Array.from({ length: workerCount }, () => this.addWorker());
  }

  addWorker(concurrency?: number): FakeWorker {
    const worker = new FakeWorker(concurrency);
    this.scheduler.add(worker);
    return worker;
  }

  submit(target = "/"): TestCall {
    const call = new TestCall(target);
    this.scheduler.submit(call);
    return call;
  }

  answer(worker: FakeWorker): void {
    worker.answer(this.scheduler, this.clock.nowMs());
  }
}
