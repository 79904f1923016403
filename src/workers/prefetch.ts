/** An answer that takes this long is slow: what was written ahead behind it would have been served sooner elsewhere. */
export const SLOW_MS = 10;

/** How much work may lie in front of a call that is written ahead, by the measured time of an answer. */
const WORK_AHEAD_MS_MAX = 2;

/** In flight for one worker at most, the running call included. */
export const AUTO_DEPTH_MAX = 32;

/** What slow neighbours may add to the time of a call, on average over all calls. */
const DELAY_MS_MAX = 0.2;

/** A slow answer counts as this much delay at most: past it only how often it happens matters, not how bad it is. */
const SLOW_MS_COUNTED_MAX = 100;

/** Weight of a new measurement in the moving average. */
const AVERAGE_WEIGHT = 1 / 64;

/** Answers after which older ones count half: enough to allow for the full depth, few enough to forget within seconds of full load. */
const WINDOW_COUNT = 32 * 1024;

/**
 * Decides how many calls one worker may have in flight: 1 means that nothing is written ahead to it. A number is taken as it is: so many
 * are written ahead, whatever is measured.
 *
 * With `auto` two measurements bound it. The time of an answer: what fits into 2 ms, so a single slow answer, which lifts the average,
 * switches prefetch off until some dozens of fast ones have followed. And the time spent in slow answers: one delays up to depth − 1 calls
 * behind it, and that may add 0.2 ms to a call on average. With answers of 100 ms and more that is one delayed call in 500: an app with one
 * such request in a hundred is served without prefetch, while the short pauses of a busy machine cost little.
 *
 * Invariant, the bound of what one slow request delays: only calls that were written behind it within its first {@link SLOW_MS}, at most
 * depth − 1 of them, and none for longer than the request timeout, after which they go back to the queue.
 */
export class PrefetchGovernor {
  readonly #setting: "off" | "auto" | number;
  /** Milliseconds an answer takes. */
  #averageMs = 0;
  #answerCount = 0;
  #slowMs = 0;
  #depth = 1;

  constructor(setting: "off" | "auto" | number) {
    this.#setting = setting;
    if (typeof setting === "number") this.#depth = 1 + setting;
  }

  /** True when measurements decide: then nothing is written ahead to a worker that is overdue either. */
  get isAdaptive(): boolean {
    return this.#setting === "auto";
  }

  /** Calls that one worker may have in flight now. */
  get depth(): number {
    return this.#depth;
  }

  /** Takes in that a worker gave `answerCount` answers in `elapsedMs` of uninterrupted work. */
  observe(elapsedMs: number, answerCount: number): void {
    if (this.#setting !== "auto") return;
    this.#averageMs += (elapsedMs / answerCount - this.#averageMs) * AVERAGE_WEIGHT;
    this.#answerCount += answerCount;
    if (elapsedMs >= SLOW_MS) this.#slowMs += Math.min(elapsedMs, SLOW_MS_COUNTED_MAX);
    if (this.#answerCount >= WINDOW_COUNT) {
      this.#answerCount /= 2;
      this.#slowMs /= 2;
    }
    // One more than was seen: as long as little is known, the next answer may be a slow one.
    const allowedCount = (this.#answerCount * DELAY_MS_MAX) / (this.#slowMs + SLOW_MS_COUNTED_MAX);
    const fittingCount = WORK_AHEAD_MS_MAX / this.#averageMs;
    this.#depth = Math.floor(Math.max(1, Math.min(1 + allowedCount, fittingCount, AUTO_DEPTH_MAX)));
  }
}
