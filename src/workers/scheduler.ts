import type { Call } from "./calls/call.ts";
import { OverflowQueue, type OverflowQueueOptions } from "./calls/overflow-queue.ts";
import { type PrefetchGovernor, SLOW_MS } from "./prefetch.ts";
import type { TurnClock } from "./watch/turn-clock.ts";

/** A worker whose socket has not taken this many bytes gets nothing written ahead. */
const AHEAD_BYTES_MAX = 64 * 1024;

/** What the scheduler needs of a worker. */
export interface SchedulableWorker {
  /** How many calls it runs at a time, at least 1: its places. */
  readonly concurrency: number;
  /** Calls written to it and not answered yet. */
  readonly inFlightCount: number;
  /** Since when it has been running the oldest of them, in the wheel's clock. */
  readonly headSinceMs: number;
  /** Since when it has been idle, in the wheel's clock. */
  idleSinceMs: number;
  /** Bytes written to it that its socket has not taken yet. */
  readonly outputBytes: number;
  /** False once it may get no further call: it has had its share of requests, or is leaving. */
  readonly isAccepting: boolean;
  /** True while it answers in parts: that takes as long as it takes, so nothing is written behind it. */
  readonly isStreaming: boolean;
  /** True while it is known to make no progress. */
  readonly isBlocked: boolean;
  /** Whether it has what the call needs. */
  canRun(call: Call): boolean;
  send(call: Call, nowMs: number): void;
}

export interface SchedulerOptions extends Omit<OverflowQueueOptions, "onEmpty"> {
  readonly prefetch: PrefetchGovernor;
  readonly clock: TurnClock;
  /** Called when the last free place has got a call. */
  readonly onAllBusy: () => void;
  /** Called when the last waiting call has left the queue. */
  readonly onQueueEmpty: () => void;
}

/**
 * Decides which worker runs which call, and what happens to a call when none is free.
 *
 * Idle workers first, the one that was busy last first, so that caches stay warm and spare workers stay idle long enough to be retired.
 * Then, of the busy workers that run several calls at a time, the one with the fewest, and blocked ones last. When no place is free a call
 * is written ahead to the worker with the fewest calls, as far as the prefetch governor allows, else it waits in
 * the queue. Calls are handed out in the order they came. A call that was written ahead still *waits*: it counts against the queue's limit,
 * which is therefore the same with and without prefetch; its time in the queue ends with the hand-over.
 *
 * Invariant: between two events no place is free while a call waits in the queue.
 */
export class Scheduler {
  readonly queue: OverflowQueue;
  readonly #options: SchedulerOptions;
  readonly #workers: SchedulableWorker[] = [];
  /** A stack: the last one was busy last. */
  readonly #idle: SchedulableWorker[] = [];
  /** Busy workers with a free place. */
  readonly #open = new Set<SchedulableWorker>();
  #aheadCount = 0;
  #allBusySinceMs = -Infinity;
  #state: "open" | "unavailable" | "stopping" = "open";

  constructor(options: SchedulerOptions) {
    this.#options = options;
    this.queue = new OverflowQueue({ ...options, onEmpty: options.onQueueEmpty });
  }

  /** Workers that take calls. */
  get workerCount(): number {
    return this.#workers.length;
  }

  get idleCount(): number {
    return this.#idle.length;
  }

  get busyCount(): number {
    return this.#workers.length - this.#idle.length;
  }

  /** Calls written to a worker that has no place for them yet. */
  get aheadCount(): number {
    return this.#aheadCount;
  }

  /** Since when no place has been free; `Infinity` while one is. */
  get allBusySinceMs(): number {
    return this.#hasPlace ? Infinity : this.#allBusySinceMs;
  }

  /** The idle workers, the one that has been idle longest first. */
  get idleWorkers(): readonly SchedulableWorker[] {
    return this.#idle;
  }

  get isUnavailable(): boolean {
    return this.#state === "unavailable";
  }

  /** Runs `call`, queues it, or refuses it at once. */
  submit(call: Call): void {
    if (this.#state !== "open") {
      this.queue.refuse(call, this.#state);
      return;
    }
    const nowMs = this.#options.clock.nowMs();
    call.submittedMs = nowMs;
    if (this.#hasPlace) {
      this.#place(call, nowMs);
      return;
    }
    const isFirst = this.queue.depth === 0;
    if (this.queue.push(call, this.aheadCount, nowMs) && isFirst) this.#writeAhead(nowMs);
  }

  /** Takes in a worker that is ready for its first call. */
  add(worker: SchedulableWorker): void {
    this.#workers.push(worker);
    if (this.#state === "unavailable") this.#state = "open";
    const nowMs = this.#options.clock.nowMs();
    this.#allBusySinceMs = nowMs;
    this.#fill(worker, nowMs);
  }

  /** Gives no further call to `worker`, whose `inFlightCount` calls are no longer counted here. */
  remove(worker: SchedulableWorker): void {
    this.#aheadCount -= Math.max(0, worker.inFlightCount - worker.concurrency);
    take(this.#workers, worker);
    take(this.#idle, worker);
    this.#open.delete(worker);
  }

  /**
   * Takes back calls, oldest first, that their worker never began. They are handed out in a later turn: workers that leave leave together, and
   * by then it is known which of them.
   */
  returnCalls(calls: readonly Call[]): void {
    for (const call of calls) {
      if (this.#state === "open" || this.#workers.length > 0) this.queue.pushReturned(call);
      else this.queue.refuse(call, this.#state);
    }
    setImmediate(() => this.pump(this.#options.clock.nowMs()));
  }

  /** A worker that was added has answered a call, which it has no longer: its place goes to what was written ahead, or to what waits. */
  onAnswered(worker: SchedulableWorker, nowMs: number): void {
    if (worker.inFlightCount >= worker.concurrency) this.#aheadCount--;
    else this.#fill(worker, nowMs);
  }

  /** `count` calls that were written ahead to a worker are not there any more. */
  onTakenBack(count: number): void {
    this.#aheadCount -= count;
  }

  /** Hands out what waits, as far as there are free places and such to write ahead. */
  pump(nowMs: number): void {
    while (this.#hasPlace && this.queue.depth > 0) {
      const call = this.queue.shift();
      if (call !== null) this.#place(call, nowMs);
    }
    if (this.queue.depth > 0) this.#writeAhead(nowMs);
  }

  /** No worker is up and none is about to be: until one is added, whatever waits or comes is refused. */
  setUnavailable(): void {
    if (this.#state !== "open") return;
    this.#state = "unavailable";
    this.queue.refuseAll("unavailable");
  }

  /** From now on no new call is taken; those that wait are still handed out. */
  stopAccepting(): void {
    this.#state = "stopping";
  }

  get #hasPlace(): boolean {
    return this.#idle.length > 0 || this.#open.size > 0;
  }

  /** Gives `call` the best place there is. There is one; when it is of no use, the app has none: its workers run the same code. */
  #place(call: Call, nowMs: number): void {
    const worker = this.#idle.at(-1) ?? this.#leastLoaded();
    if (!worker.canRun(call)) {
      this.#options.ender.fail(call, { kind: "unsupported" });
      return;
    }
    this.#idle.pop();
    worker.send(call, nowMs);
    if (worker.concurrency > 1) this.#noteOpen(worker);
    if (this.#hasPlace) return;
    this.#allBusySinceMs = nowMs;
    this.#options.onAllBusy();
  }

  /** A place of `worker` is free: it goes to the next call, or stays free. */
  #fill(worker: SchedulableWorker, nowMs: number): void {
    if (!worker.isAccepting) return;
    const call = this.#shiftFor(worker);
    if (call !== null) worker.send(call, nowMs);
    if (worker.inFlightCount === 0) {
      this.#open.delete(worker);
      worker.idleSinceMs = nowMs;
      this.#idle.push(worker);
    } else if (worker.concurrency > 1) this.#noteOpen(worker);
  }

  /** The next call that `worker` can run, taken out; those before it fail. */
  #shiftFor(worker: SchedulableWorker): Call | null {
    for (let call = this.queue.shift(); call !== null; call = this.queue.shift()) {
      if (worker.canRun(call)) return call;
      this.#options.ender.fail(call, { kind: "unsupported" });
    }
    return null;
  }

  #noteOpen(worker: SchedulableWorker): void {
    if (worker.inFlightCount < worker.concurrency && worker.isAccepting) this.#open.add(worker);
    else this.#open.delete(worker);
  }

  #leastLoaded(): SchedulableWorker {
    let [picked] = this.#open;
    let fewest = Infinity;
    for (const worker of this.#open) {
      const count = worker.inFlightCount + (worker.isBlocked ? worker.concurrency : 0);
      if (count >= fewest) continue;
      fewest = count;
      picked = worker;
    }
    return picked!;
  }

  #writeAhead(nowMs: number): void {
    const { depth } = this.#options.prefetch;
    if (depth <= 1) return;
    while (this.queue.mayNextGoAhead) {
      const worker = this.#pickAhead(depth, nowMs);
      if (worker === null) return;
      const call = this.queue.shift();
      if (call === null) continue;
      worker.send(call, nowMs);
      this.#aheadCount++;
    }
  }

  /** The worker with the fewest calls in flight that has a place and is not overdue; `null` when there is none. */
  #pickAhead(depth: number, nowMs: number): SchedulableWorker | null {
    const { prefetch, clock } = this.#options;
    const overdueMs = prefetch.isAdaptive ? nowMs - clock.lastTurnMs - SLOW_MS : -Infinity;
    let picked: SchedulableWorker | null = null;
    let fewest = depth;
    for (const worker of this.#workers) {
      if (worker.inFlightCount >= fewest || worker.headSinceMs <= overdueMs || worker.concurrency > 1) continue;
      if (!worker.isAccepting || worker.isStreaming || worker.outputBytes >= AHEAD_BYTES_MAX) continue;
      fewest = worker.inFlightCount;
      picked = worker;
    }
    return picked;
  }
}

function take(workers: SchedulableWorker[], worker: SchedulableWorker): void {
  const index = workers.indexOf(worker);
  if (index !== -1) workers.splice(index, 1);
}
