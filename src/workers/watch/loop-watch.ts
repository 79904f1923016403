import { Deadline, type DeadlineOwner } from "../../kernel/timer-wheel.ts";
import type { CallHost } from "../calls/worker-calls.ts";
import type { CallContext } from "../worker-context.ts";

/** What a watch needs. */
export interface LoopWatchOptions {
  readonly host: CallHost;
  readonly context: CallContext;
  /** Whether the worker has calls: an idle one is left alone. */
  readonly isBusy: () => boolean;
}

/**
 * Sees whether the loop of a worker turns, by pings that the loop itself answers. docs/reference/wire.md, W2.25 and W2.26.
 *
 * Invariant: at most one ping is unanswered, and none is sent while the worker has nothing to do. A worker is ended at the second look at
 * the earliest: where the whole machine stood still, it gets as long as between two pings to answer.
 */
export class LoopWatch implements DeadlineOwner {
  readonly #options: LoopWatchOptions;
  readonly #deadline: Deadline;
  #n = 0;
  /** When the ping that is unanswered was sent; `Infinity` while none is. */
  #sentMs = Infinity;
  #isBlocked = false;
  #isStopped = false;

  constructor(options: LoopWatchOptions) {
    this.#options = options;
    this.#deadline = new Deadline(this);
  }

  /** True while a ping is unanswered that another one should have followed. */
  get isBlocked(): boolean {
    return this.#isBlocked;
  }

  /** The worker has got its first call since it was idle. */
  onBusy(): void {
    if (!this.#deadline.isSet) this.#setDeadline();
  }

  onPong(n: number): void {
    if (n !== this.#n || this.#sentMs === Infinity) return;
    const blockedMs = this.#options.context.wheel.nowMs() - this.#sentMs;
    this.#sentMs = Infinity;
    if (!this.#isBlocked) return;
    this.#isBlocked = false;
    this.#options.host.onLoopResumed(blockedMs);
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.context.wheel.remove(this.#deadline);
  }

  /** @internal */
  onDeadline(): void {
    // Behind what the sockets have for us: after a pause of our own the answer is there, and was not read yet.
    if (this.#sentMs !== Infinity) setImmediate(() => this.#judge());
    else if (this.#options.isBusy()) this.#ping();
  }

  #ping(): void {
    const { host, context } = this.#options;
    this.#sentMs = context.wheel.nowMs();
    host.link.sendPing(++this.#n);
    this.#setDeadline();
  }

  #judge(): void {
    if (this.#isStopped) return;
    if (this.#sentMs === Infinity) {
      this.#setDeadline();
      return;
    }
    const { host, context } = this.#options;
    const blockedMs = context.wheel.nowMs() - this.#sentMs;
    const { pingTimeoutMs } = context.config;
    if (!this.#isBlocked) {
      this.#isBlocked = true;
      host.onLoopBlocked(blockedMs);
    } else if (pingTimeoutMs > 0 && blockedMs >= pingTimeoutMs) {
      host.terminate("unresponsive");
      return;
    }
    this.#setDeadline();
  }

  #setDeadline(): void {
    this.#options.context.wheel.set(this.#deadline, this.#options.context.config.pingIntervalMs);
  }
}
