import type { OverflowConfig } from "../../config/app-config.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import type { Call } from "./call.ts";
import type { CallEnder } from "./call-ender.ts";
import { CallQueue } from "./call-queue.ts";

/** Why a call ends without reaching a worker; a 503 each. */
export type Refusal = "queue-full" | "queue-timeout" | "unavailable" | "stopping";

export interface OverflowQueueOptions {
  readonly overflow: OverflowConfig;
  /** What a 503 tells the client to wait, whole seconds. */
  readonly retryAfterS: number;
  readonly wheel: TimerWheel;
  readonly ender: Pick<CallEnder, "fail">;
  /** Called when the last waiting call has left. */
  readonly onEmpty: () => void;
}

/**
 * The queue with the overflow strategy of the pool: `backpressure` bounds its depth and lets calls wait, `queue_timeout` and `default` also
 * bound the wait. Every call that leaves it without a worker has been refused here.
 */
export class OverflowQueue implements DeadlineOwner {
  readonly #options: OverflowQueueOptions;
  readonly #calls = new CallQueue();
  /** One deadline serves the whole queue: all calls in it have the same time to wait. */
  readonly #deadline: Deadline;
  readonly #timeoutMs: number;

  constructor(options: OverflowQueueOptions) {
    this.#options = options;
    this.#deadline = new Deadline(this);
    this.#timeoutMs = "queueTimeoutMs" in options.overflow ? options.overflow.queueTimeoutMs : Infinity;
  }

  get depth(): number {
    return this.#calls.depth;
  }

  /** True when there is a next call and a busy worker may get it: it changes nothing, and was not with a worker before. */
  get mayNextGoAhead(): boolean {
    return !this.#calls.isNextReturned && this.#calls.next?.isSafe === true;
  }

  /**
   * Adds a new call, or refuses it.
   *
   * @param aheadCount calls that wait elsewhere, written ahead to workers: they count against the limit.
   */
  push(call: Call, aheadCount: number, nowMs: number): boolean {
    if (this.#calls.depth + aheadCount >= this.#options.overflow.queueDepthMax) {
      this.refuse(call, "queue-full");
      return false;
    }
    this.#calls.push(call, nowMs);
    this.#watch(nowMs);
    return true;
  }

  /** Takes back a call that its worker never began, past every limit: it was admitted before. */
  pushReturned(call: Call): void {
    this.#calls.pushReturned(call);
  }

  /** The next call to run, taken out; `null` when none waits. */
  shift(): Call | null {
    const call = this.#calls.shift();
    if (call !== null && this.#calls.depth === 0) this.#options.onEmpty();
    return call;
  }

  /** Takes an abandoned call out. */
  remove(call: Call): void {
    this.#calls.remove(call);
    if (this.#calls.depth === 0) this.#options.onEmpty();
  }

  refuse(call: Call, kind: Refusal): void {
    this.#options.ender.fail(call, { kind, retryAfterS: this.#options.retryAfterS });
  }

  /** Ends the wait of every call. */
  refuseAll(kind: Refusal): void {
    for (let call = this.shift(); call !== null; call = this.shift()) this.refuse(call, kind);
  }

  /** @internal The oldest call may have waited long enough. */
  onDeadline(): void {
    const nowMs = this.#options.wheel.nowMs();
    const enqueuedMs = nowMs - this.#timeoutMs;
    for (let call = this.#calls.shiftExpired(enqueuedMs); call !== null; call = this.#calls.shiftExpired(enqueuedMs)) {
      this.refuse(call, "queue-timeout");
    }
    this.#watch(nowMs);
    if (this.#calls.depth === 0) this.#options.onEmpty();
  }

  #watch(nowMs: number): void {
    if (this.#timeoutMs === Infinity || this.#deadline.isSet) return;
    const { oldestMs } = this.#calls;
    if (oldestMs !== Infinity) this.#options.wheel.set(this.#deadline, oldestMs + this.#timeoutMs - nowMs);
  }
}
