import { Deadline, type DeadlineOwner } from "../../kernel/timer-wheel.ts";
import type { DurationHistogram } from "../../telemetry/duration-histogram.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { reportExit } from "../process/exit-report.ts";
import type { PoolCounters } from "../pool-status.ts";
import type { RecycleReason, RecyclingPolicy } from "./recycling.ts";
import { describeStartFailure, type StartFailure } from "../process/start-failure.ts";
import type { StartGovernor } from "./start-governor.ts";
import { observeMemory } from "../watch/observe-memory.ts";
import { Worker } from "../worker.ts";
import { describeEnd, type WorkerEnds } from "../worker-end.ts";
import type { WorkerContext, WorkerOwner } from "../worker-context.ts";

/** Workers that start at the same time at most: more would only make each of them slower. */
const STARTING_COUNT_MAX = 32;

/** Share of the pool that is replaced at the same time at most, at least one worker. */
const REPLACING_SHARE_MAX = 1 / 4;

/** A worker that was ready this long has started well, even if nobody had a request for it. */
const STABLE_MS = 1_000;

export interface SupervisorOptions {
  readonly recycling: RecyclingPolicy;
  readonly governor: StartGovernor;
  readonly counters: PoolCounters;
  /** How long workers took until they were ready. */
  readonly boot: DurationHistogram;
  /** Where it is remembered how workers ended. */
  readonly ends: WorkerEnds;
  readonly log: Logger;
  /** False for workers that get no call before `admit`. */
  readonly isAdmitted: boolean;
  readonly nextWorkerId: () => number;
  readonly onSpawned: (processId: number) => void;
  readonly onExited: (processId: number) => void;
  /** The number of ready workers has changed, starts have begun or ceased to fail, or a process is gone. */
  readonly onChange: () => void;
}

/**
 * Keeps as many workers alive as the pool should have: replaces those that die, starts the replacement of a recycled one before that one
 * leaves, and waits between attempts while starts fail.
 *
 * Invariant: workers that start or are ready are as many as desired, plus one for each worker that is being replaced; fewer only while the
 * start governor has us wait.
 */
export class Supervisor implements WorkerOwner, DeadlineOwner {
  readonly #options: SupervisorOptions;
  /** Set once, by the pool: workers and their supervisor know each other. */
  context!: WorkerContext;
  /** All whose process is not gone, oldest first. */
  readonly #workers = new Set<Worker>();
  /** Ready workers that wait for a replacement, longest first. */
  readonly #due = new Map<Worker, RecycleReason>();
  readonly #retry: Deadline;
  #isAdmitted: boolean;
  #startFailure: StartFailure | null = null;
  #desiredCount = 0;
  #startingCount = 0;
  #readyCount = 0;
  #isEnding = false;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#isAdmitted = options.isAdmitted;
    this.#retry = new Deadline(this);
  }

  get workers(): ReadonlySet<Worker> {
    return this.#workers;
  }

  get startingCount(): number {
    return this.#startingCount;
  }

  get readyCount(): number {
    return this.#readyCount;
  }

  /** True when no further worker will be started. */
  get isEnding(): boolean {
    return this.#isEnding;
  }

  /** Why a worker did not start whose process is gone: of several the last one; null while all did. */
  get startFailure(): StartFailure | null {
    return this.#startFailure;
  }

  /** From now on workers that are ready get calls. */
  admit(): void {
    this.#isAdmitted = true;
    for (const worker of this.#workers) if (worker.state === "ready") this.context.scheduler.add(worker);
  }

  /** Starts or retires workers until there are `count`. */
  resize(count: number): void {
    this.#desiredCount = count;
    this.#retireSpare();
    this.#fill();
  }

  /** Replaces every worker there is now, some at a time. */
  recycleAll(): void {
    for (const worker of this.#workers) {
      if (worker.state === "ready" && !this.#due.has(worker)) this.#due.set(worker, "requested");
      else if (worker.state === "starting") worker.wantsRecycling = true;
    }
    this.#fill();
  }

  /** Lets every worker finish what it has and leave. No further one is started. */
  drainAll(reason: "requested" | "stopped"): void {
    this.#isEnding = true;
    this.context.wheel.remove(this.#retry);
    for (const worker of this.#workers) worker.drain(reason);
  }

  /** Ends every worker now. */
  terminateAll(): void {
    this.drainAll("stopped");
    for (const worker of this.#workers) worker.terminate("stopped");
  }

  onStarted(processId: number): void {
    this.#options.onSpawned(processId);
  }

  onReady(worker: Worker): void {
    this.#startingCount--;
    this.#readyCount++;
    this.#options.governor.onReady();
    this.#options.boot.observe(worker.readySinceMs - worker.spawnedMs);
    this.#options.log.debug("worker ready", { workerId: worker.id, pid: worker.process?.pid });
    if (this.#isAdmitted) this.context.scheduler.add(worker);
    if (worker.wantsRecycling) this.#due.set(worker, "requested");
    this.#retireSpare();
    this.#fill();
    this.#options.onChange();
  }

  onServed(worker: Worker, nowMs: number): void {
    const { governor, recycling, log } = this.#options;
    governor.onServed();
    observeMemory(worker, nowMs, log);
    if (!this.#due.has(worker)) {
      const reason = recycling.reasonFor(worker, nowMs);
      if (reason === null) return;
      this.#due.set(worker, reason);
      this.#fill();
    }
    // It has had all the requests it may have: waiting on would only keep its place from a worker that can serve.
    if (!worker.isAccepting) worker.drain("max-requests");
  }

  onLoopBlocked(worker: Worker, blockedMs: number): void {
    const { counters, log } = this.#options;
    counters.blockedCount++;
    log.warn("worker blocks its loop", {
      workerId: worker.id,
      pid: worker.process?.pid,
      blockedMs: Math.round(blockedMs),
      inFlightCount: worker.inFlightCount,
    });
  }

  onLoopResumed(worker: Worker, blockedMs: number): void {
    const { log } = this.#options;
    log.info("worker runs its loop again", { workerId: worker.id, blockedMs: Math.round(blockedMs) });
  }

  onLeaving(worker: Worker): void {
    this.#due.delete(worker);
    const wasReady = worker.readySinceMs !== Infinity;
    if (wasReady) this.#readyCount--;
    else this.#startingCount--;
    if (this.#isEnding) return;
    const delayMs = this.#judge(worker, wasReady);
    if (delayMs > 0) this.#waitBeforeStart(delayMs);
    this.#fill();
    this.#options.onChange();
  }

  onGone(worker: Worker): void {
    this.#workers.delete(worker);
    if (hasFailedToStart(worker)) this.#startFailure = describeStartFailure(worker);
    const reason = reportExit(worker, this.#options.counters, this.#options.log);
    this.#options.ends.add(describeEnd(worker, reason, this.context.wheel.nowMs()));
    const { pid = 0 } = worker.process ?? {};
    if (pid !== 0) this.#options.onExited(pid);
    this.#options.onChange();
  }

  /** @internal The wait after a failed start is over. */
  onDeadline(): void {
    this.#fill();
  }

  /** How long to wait, in milliseconds, because of how this worker ended. */
  #judge(worker: Worker, wasReady: boolean): number {
    const { governor } = this.#options;
    const { leaveReason, servedCount, sentCount, readySinceMs } = worker;
    switch (leaveReason) {
      case "start-failed":
      case "start-timeout":
        // Those that were started together fail together: that is one failure.
        return this.#retry.isSet ? 0 : governor.onStartFailed();
      case "left":
      case "protocol-error":
        if (servedCount > 0) return 0;
        if (sentCount > 0) return governor.onFirstRequestCrashed();
        if (!wasReady || this.context.wheel.nowMs() - readySinceMs >= STABLE_MS) return 0;
        return this.#retry.isSet ? 0 : governor.onStartFailed();
      default:
        return 0;
    }
  }

  #waitBeforeStart(delayMs: number): void {
    const { governor, log } = this.#options;
    this.context.wheel.set(this.#retry, delayMs);
    const { failureCount, crashCount, isFailing } = governor;
    if (!isFailing && crashCount === 0) return; // Once may happen, and has been reported.
    const retryDelayMs = Math.round(delayMs);
    log.error("workers keep failing", { failureCount, crashCount, retryDelayMs, workerCount: this.#readyCount });
  }

  /** Starts what is missing. */
  #fill(): void {
    if (this.#isEnding || this.#retry.isSet) return;
    const replacingMax = Math.max(1, Math.floor(this.#desiredCount * REPLACING_SHARE_MAX));
    const wantedCount = this.#desiredCount + Math.min(this.#due.size, replacingMax);
    const missingCount = wantedCount - this.#readyCount - this.#startingCount;
    const limit = this.#options.governor.isProbing ? 1 : STARTING_COUNT_MAX;
    for (let left = Math.min(missingCount, limit - this.#startingCount); left > 0; left--) {
      if (!this.#spawn()) return;
    }
  }

  #spawn(): boolean {
    const { recycling, counters, governor, log, nextWorkerId, onChange } = this.#options;
    const worker = new Worker(nextWorkerId(), recycling.drawBounds(), this.context);
    try {
      worker.spawn();
    } catch (error) {
      counters.startFailedCount++;
      log.error("worker failed to start", {
        workerId: worker.id,
        error: error instanceof Error ? error : String(error),
      });
      this.#startFailure = { reason: error instanceof Error ? error.message : String(error), stderr: [] };
      this.#waitBeforeStart(governor.onStartFailed());
      onChange();
      return false;
    }
    counters.spawnedCount++;
    this.#workers.add(worker);
    this.#startingCount++;
    return true;
  }

  /** Retires ready workers above the desired number: those that are due first, then those that were idle longest. */
  #retireSpare(): void {
    while (this.#readyCount > this.#desiredCount) {
      const [due] = this.#due;
      const worker = due?.[0] ?? this.#longestIdle();
      if (worker === null) return;
      worker.drain(due?.[1] ?? "scaled-down");
    }
  }

  #longestIdle(): Worker | null {
    for (const worker of this.#workers) if (worker === this.context.scheduler.idleWorkers[0]) return worker;
    return null;
  }
}

/** Before it got anything to do. */
function hasFailedToStart({ leaveReason, sentCount }: Worker): boolean {
  switch (leaveReason) {
    case "start-failed":
    case "start-timeout":
      return true;
    case "left":
    case "protocol-error":
      return sentCount === 0;
    default:
      return false;
  }
}
