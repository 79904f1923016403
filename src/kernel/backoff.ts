import { assert } from "../base/assert.ts";

/** How the waits before repeated attempts grow. */
export interface BackoffOptions {
  /** The ceiling of the first wait. More than 0. */
  readonly delayMsMin: number;
  /** The ceiling that later waits grow up to. */
  readonly delayMsMax: number;
  /** How much each ceiling exceeds the one before. Default 2. */
  readonly factor?: number;
  /**
   * How a wait is chosen below its ceiling, so that many who failed together do not come back together: `equal` from its upper half
   * (the default: no wait is very short), `full` from all of it (the least load on the peer), `none` the ceiling itself.
   */
  readonly jitter?: "equal" | "full" | "none";
  /** What was tried is sound once it has lasted this long; failing after that counts as the first failure. Default: never. */
  readonly healthyAfterMs?: number;
  /** Returns a number in [0, 1). */
  readonly random?: () => number;
}

/**
 * Exponential waits with jitter between attempts at one thing. It keeps no clock: who uses it waits. Source: M. Brooker, "Exponential
 * Backoff and Jitter", 2015.
 *
 * Invariant: a wait is never longer than `delayMsMax`, and the ceilings never fall except by `reset`.
 */
export class Backoff {
  readonly #options: Required<BackoffOptions>;
  #ceilingMs: number;
  #attemptCount = 0;

  constructor(options: BackoffOptions) {
    this.#options = { factor: 2, jitter: "equal", healthyAfterMs: Infinity, random: Math.random, ...options };
    const { delayMsMin, delayMsMax, factor } = this.#options;
    assert(delayMsMin > 0 && delayMsMin <= delayMsMax, "a backoff begins above zero and below its end");
    assert(factor >= 1, "a backoff does not shrink");
    this.#ceilingMs = delayMsMin;
  }

  /** How many waits `next` has given out since the beginning or `reset`. */
  get attemptCount(): number {
    return this.#attemptCount;
  }

  /**
   * How long to wait before the next attempt.
   *
   * @param livedMs how long the last one lasted before it failed; from `healthyAfterMs` on the waits begin anew.
   */
  next(livedMs = 0): number {
    const { delayMsMax, factor, jitter, healthyAfterMs, random } = this.#options;
    if (livedMs >= healthyAfterMs) this.reset();
    const ceilingMs = this.#ceilingMs;
    this.#ceilingMs = Math.min(ceilingMs * factor, delayMsMax);
    this.#attemptCount++;
    switch (jitter) {
      case "equal":
        return ceilingMs / 2 + (random() * ceilingMs) / 2;
      case "full":
        return random() * ceilingMs;
      case "none":
        return ceilingMs;
    }
  }

  /** Begins anew: the last attempt succeeded. */
  reset(): void {
    this.#ceilingMs = this.#options.delayMsMin;
    this.#attemptCount = 0;
  }
}
