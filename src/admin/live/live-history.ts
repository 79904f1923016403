import type { LivePoint } from "./live-point.ts";

/** What is kept for who comes to look: ten minutes and more. */
const POINT_COUNT_MAX = 600;

/**
 * How an instance did lately.
 *
 * Invariant: at most 600 points, each later than the one before it: when the clock is set back, what it then calls the future is gone.
 */
export class LiveHistory {
  readonly #points: LivePoint[] = [];

  /** Oldest first. */
  get points(): readonly LivePoint[] {
    return this.#points;
  }

  add(point: LivePoint): void {
    while ((this.#points.at(-1)?.atMs ?? -Infinity) >= point.atMs) this.#points.pop();
    this.#points.push(point);
    if (this.#points.length > POINT_COUNT_MAX) this.#points.shift();
  }
}
