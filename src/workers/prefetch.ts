/** An answer that takes this long is slow: whatever was written ahead behind it has waited for it. */
export const SLOW_MS = 10;

/** How much work may lie in front of a call that is written ahead, by the measured time of an answer. */
const WORK_AHEAD_MS_MAX = 2;

/** In flight for one worker at most, the running call included. */
export const AUTO_DEPTH_MAX = 32;

/** Answers in a row without a slow one before the first call is written ahead. */
const PROOF_COUNT = 64;

/** Weight of a new measurement in the moving average. */
const AVERAGE_WEIGHT = 1 / 16;

/** Prefetch stays off for this many times the duration of a slow answer, from its end on, so that slow answers cost a bounded share. */
const HOLD_FACTOR = 20;
const HOLD_MS_MIN = 200;
const HOLD_MS_MAX = 30_000;

/**
 * Decides how many calls one worker may have in flight: 1 means that nothing is written ahead.
 *
 * With `auto` it is as many as fit into 2 ms of measured work, at most 32, after a row of answers that were all fast; it starts at 2 and
 * doubles while that stays so. One slow answer, or one that is overdue, sets it back to 1 for twenty times as long as it took, and every
 * further slow one starts that time again: an app with regular slow requests is served without prefetch. A number is taken as it is.
 *
 * Invariant, the bound of what a slow request delays: only calls that were written behind it within its first {@link SLOW_MS}, at most
 * depth − 1 of them, and none for longer than the request timeout, after which they go back to the queue.
 */
export class PrefetchGovernor {
  readonly #setting: "off" | "auto" | number;
  /** Milliseconds an answer takes; 0 before the first. */
  #averageMs = 0;
  #cleanCount = 0;
  #rampDepth = 2;
  #rampCount = 0;
  #holdUntilMs = -Infinity;
  #depth = 1;

  constructor(setting: "off" | "auto" | number) {
    this.#setting = setting;
    if (typeof setting === "number") this.#depth = Math.max(1, setting);
  }

  /** True when service times decide: then a stalled worker gets nothing written ahead either. */
  get isAdaptive(): boolean {
    return this.#setting === "auto";
  }

  /** Calls that one worker may have in flight now. */
  depth(nowMs: number): number {
    return nowMs < this.#holdUntilMs ? 1 : this.#depth;
  }

  /** Takes in that a worker gave `answerCount` answers in `elapsedMs` of uninterrupted work. */
  observe(elapsedMs: number, answerCount: number, nowMs: number): void {
    if (this.#setting !== "auto") return;
    if (elapsedMs >= SLOW_MS) {
      this.observeSlow(elapsedMs, nowMs);
      return;
    }
    const answerMs = elapsedMs / answerCount;
    this.#averageMs += this.#averageMs === 0 ? answerMs : (answerMs - this.#averageMs) * AVERAGE_WEIGHT;
    this.#cleanCount += answerCount;
    if (this.#cleanCount < PROOF_COUNT) return;
    this.#rampCount += answerCount;
    if (this.#rampCount >= PROOF_COUNT * this.#rampDepth && this.#rampDepth < AUTO_DEPTH_MAX) {
      this.#rampDepth *= 2;
      this.#rampCount = 0;
    }
    const fitting = this.#averageMs === 0 ? AUTO_DEPTH_MAX : Math.floor(WORK_AHEAD_MS_MAX / this.#averageMs);
    this.#depth = Math.min(Math.max(fitting, 1), this.#rampDepth);
  }

  /** Takes in that an answer took `elapsedMs`, or is still missing after that long. */
  observeSlow(elapsedMs: number, nowMs: number): void {
    if (this.#setting !== "auto") return;
    const holdMs = Math.min(Math.max(elapsedMs * HOLD_FACTOR, HOLD_MS_MIN), HOLD_MS_MAX);
    this.#holdUntilMs = Math.max(this.#holdUntilMs, nowMs + holdMs);
    this.#cleanCount = 0;
    this.#rampCount = 0;
    this.#rampDepth = 2;
    this.#depth = 1;
  }
}
