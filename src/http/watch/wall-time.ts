/** How often the two clocks are compared at most. */
const COMPARED_MS = 10;

/** How far they are apart without having been set: the wall clock is read in whole milliseconds. */
const APART_MS_MAX = 2;

/**
 * When something happened by the wall clock, of what was timed by the steady one (`performance.now`). The wall clock is followed when it is set, by
 * whoever sets it or after a sleep of the machine; between that, times have the steady clock's fractions.
 */
export class WallTime {
  readonly #wallMs: () => number;
  /** What the steady clock's zero is by the wall clock. */
  #zeroMs = 0;
  #comparedMs = -Infinity;

  /** @param wallMs whole milliseconds since 1970. */
  constructor(wallMs: () => number = Date.now) {
    this.#wallMs = wallMs;
  }

  /**
   * @param steadyMs the moment by the steady clock, and `nowMs` what that says now: whoever asks has read it already.
   * @returns milliseconds since 1970.
   */
  of(steadyMs: number, nowMs: number): number {
    if (nowMs - this.#comparedMs >= COMPARED_MS) {
      this.#comparedMs = nowMs;
      const zeroMs = this.#wallMs() - nowMs;
      if (Math.abs(zeroMs - this.#zeroMs) > APART_MS_MAX) this.#zeroMs = zeroMs;
    }
    return this.#zeroMs + steadyMs;
  }
}
