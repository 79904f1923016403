/** Upper bounds of durations in milliseconds, inclusive; what takes longer is in the last bucket, which has none. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
];

/** The same in seconds, as metrics have them. */
export const DURATION_BOUNDS_S: readonly number[] = DURATION_BOUNDS_MS.map((ms) => ms / 1_000);

/** How often something took how long. */
export interface DurationCounts {
  /** Not cumulative; one more than there are bounds. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

/** Counts durations by plain additions. */
export class DurationHistogram {
  readonly #counts = new Float64Array(DURATION_BOUNDS_MS.length + 1);
  #sumMs = 0;

  /** A negative one is of something that did not happen, and left out. */
  observe(ms: number): void {
    if (ms < 0) return;
    let index = 0;
    while (index < DURATION_BOUNDS_MS.length && ms > DURATION_BOUNDS_MS[index]!) index++;
    this.#counts[index]!++;
    this.#sumMs += ms;
  }

  snapshot(): DurationCounts {
    return { counts: [...this.#counts], sumMs: this.#sumMs };
  }
}
