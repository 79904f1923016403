import { Backoff } from "../../kernel/backoff.ts";

/** The first wait after a failed start, and the longest. */
const DELAY_MS_MIN = 100;
const DELAY_MS_MAX = 5_000;

/** The longest wait after a crash on a first request: the app starts, and one bad address must not take its workers from everybody. */
const CRASH_DELAY_MS_MAX = 400;

/** Failed starts in a row after which the app counts as broken. */
const FAILING_COUNT = 2;

/**
 * Decides how soon the next worker is started after one has failed.
 *
 * A worker that dies at work is replaced at once: one bad request must not cost capacity. One that dies *before* it has got anything to do
 * has failed to start, and so has every worker in a row of crashes on first requests that is longer than a bad moment explains. Then starts
 * wait, longer from time to time, and one worker at a time is tried until one is ready.
 */
export class StartGovernor {
  readonly #starts: Backoff;
  readonly #crashes: Backoff;
  readonly #crashCountFree: number;
  #crashCount = 0;
  #isProbing = false;

  /** @param workerCount of the pool: each may crash on its first request, and so may its replacement, before starts have to wait. */
  constructor(workerCount: number, random: () => number = Math.random) {
    this.#starts = new Backoff({ delayMsMin: DELAY_MS_MIN, delayMsMax: DELAY_MS_MAX, random });
    this.#crashes = new Backoff({ delayMsMin: DELAY_MS_MIN, delayMsMax: CRASH_DELAY_MS_MAX, random });
    this.#crashCountFree = 2 * workerCount + 1;
  }

  /** Failed starts in a row. */
  get failureCount(): number {
    return this.#starts.attemptCount;
  }

  /** Crashes on first requests in a row. */
  get crashCount(): number {
    return this.#crashCount;
  }

  /** True while starts fail again and again: nobody should wait for one. */
  get isFailing(): boolean {
    return this.#starts.attemptCount >= FAILING_COUNT;
  }

  /** True while one worker at a time is to be started. */
  get isProbing(): boolean {
    return this.#isProbing;
  }

  /** A worker ended before it got anything to do; returns how long to wait before the next start, in milliseconds. */
  onStartFailed(): number {
    this.#isProbing = true;
    return this.#starts.next();
  }

  /** A worker died on the first request it got; returns how long to wait before the next start, in milliseconds. */
  onFirstRequestCrashed(): number {
    return ++this.#crashCount <= this.#crashCountFree ? 0 : this.#crashes.next();
  }

  /** A worker is ready: the others may follow together. */
  onReady(): void {
    this.#isProbing = false;
  }

  /** A worker has served: the app works. */
  onServed(): void {
    if (this.#crashCount === 0 && this.#starts.attemptCount === 0) return;
    this.#crashCount = 0;
    this.#starts.reset();
    this.#crashes.reset();
  }
}
