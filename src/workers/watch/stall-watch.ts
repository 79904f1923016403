import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** How often a queue that is not empty is looked at. */
const CHECK_MS = 1_000;

export interface StallWatchOptions {
  readonly wheel: TimerWheel;
  readonly scheduler: { readonly idleCount: number; readonly queue: { readonly depth: number } };
  /** Calls written to workers so far; any number that changes with each. */
  readonly sentCount: () => number;
  /** Hands out what waits, as if something had happened. */
  readonly pump: () => void;
  readonly log: Logger;
}

/**
 * Looks for requests that wait while a worker is idle and nothing is handed out. That must never happen; if it does, it is counted and
 * logged, and what waits is handed out. While nothing waits it does not tick.
 */
export class StallWatch implements DeadlineOwner {
  /** How often that was found. */
  count = 0;
  readonly #options: StallWatchOptions;
  readonly #deadline = new Deadline(this);
  /** At the last look that found requests waiting beside an idle worker; -1 where the last one did not. */
  #suspectSentCount = -1;

  constructor(options: StallWatchOptions) {
    this.#options = options;
  }

  /** A call has been put into the queue. */
  noteWaiting(): void {
    if (!this.#deadline.isSet) this.#options.wheel.set(this.#deadline, CHECK_MS);
  }

  stop(): void {
    this.#options.wheel.remove(this.#deadline);
  }

  /** @internal */
  onDeadline(): void {
    const { scheduler, sentCount, pump, wheel, log } = this.#options;
    const queueDepth = scheduler.queue.depth;
    if (queueDepth === 0) {
      this.#suspectSentCount = -1;
      return;
    }
    wheel.set(this.#deadline, CHECK_MS);
    const count = scheduler.idleCount === 0 ? -1 : sentCount();
    const isStalled = count !== -1 && count === this.#suspectSentCount;
    this.#suspectSentCount = count;
    if (!isStalled) return;
    this.count++;
    log.error("requests wait while workers are idle", { queueDepth, idleCount: scheduler.idleCount });
    pump();
  }
}
