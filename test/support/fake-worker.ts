import type { WorkerFeature } from "../../src/protocols/worker/features.ts";
import type { Call } from "../../src/workers/calls/call.ts";
import type { SchedulableWorker, Scheduler } from "../../src/workers/scheduler.ts";

/** A worker without a process: the test says when it answers. */
export class FakeWorker implements SchedulableWorker {
  readonly calls: Call[] = [];
  headSinceMs: number = Infinity;
  idleSinceMs = 0;
  outputBytes = 0;
  isAccepting = true;
  isStreaming = false;
  isBlocked = false;
  readonly features: Set<WorkerFeature> = new Set();
  readonly concurrency: number;

  constructor(concurrency: number = 1) {
    this.concurrency = concurrency;
  }

  get inFlightCount(): number {
    return this.calls.length;
  }

  canRun({ needs }: Call): boolean {
    return needs === null || this.features.has(needs);
  }

  send(call: Call, nowMs: number): void {
    call.state = "running";
    if (this.calls.length === 0) this.headSinceMs = nowMs;
    this.calls.push(call);
  }

  /** Answers the call it runs. */
  answer(scheduler: Scheduler, nowMs: number): void {
    const call = this.calls.shift();
    if (call === undefined) throw new Error("Cannot answer: the worker has no call");
    call.state = "ended";
    this.headSinceMs = this.calls.length === 0 ? Infinity : nowMs;
    scheduler.onAnswered(this, nowMs);
    scheduler.pump(nowMs);
  }
}
