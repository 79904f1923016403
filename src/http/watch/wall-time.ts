/** How often the two clocks are compared at most. */
const COMPARED_MS = 10;

/** How far they are apart without having been set: the wall clock is read in whole milliseconds. */
const APART_MS_MAX = 2;

/** What clocks say, in milliseconds: `wallMs` whole ones since 1970, `steadyMs` since any moment, and never back. */
export interface Clocks {
  wallMs(): number;
  steadyMs(): number;
}

const SYSTEM_CLOCKS: Clocks = { wallMs: () => Date.now(), steadyMs: () => performance.now() };

/**
 * When something happened by the wall clock, of what was timed by the steady one. The wall clock is followed when it is set, by whoever sets it or
 * after a sleep of the machine; between that, times have the steady clock's fractions and never go back.
 */
export class WallTime {
  readonly #clocks: Clocks;
  /** What the steady clock's zero is by the wall clock. */
  #zeroMs: number;
  #comparedMs: number;

  constructor(clocks: Clocks = SYSTEM_CLOCKS) {
    this.#clocks = clocks;
    this.#comparedMs = clocks.steadyMs();
    this.#zeroMs = clocks.wallMs() - this.#comparedMs;
  }

  /** @param steadyMs a moment of the steady clock. @returns milliseconds since 1970. */
  of(steadyMs: number): number {
    const nowMs = this.#clocks.steadyMs();
    if (nowMs - this.#comparedMs >= COMPARED_MS) {
      this.#comparedMs = nowMs;
      const zeroMs = this.#clocks.wallMs() - nowMs;
      if (Math.abs(zeroMs - this.#zeroMs) > APART_MS_MAX) this.#zeroMs = zeroMs;
    }
    return this.#zeroMs + steadyMs;
  }
}
