/**
 * Bounds how often something may happen that costs us more than it costs the peer: a bucket of `countMax` that useful work fills up again, and
 * time does, at once each `refillMs`.
 *
 * It looks at the clock only when it is empty, so counting costs a subtraction.
 */
export class Allowance {
  readonly #countMax: number;
  readonly #refillMs: number;
  readonly #nowMs: () => number;
  #left: number;
  #refilledMs: number;

  constructor(countMax: number, refillMs: number, nowMs: () => number) {
    this.#countMax = countMax;
    this.#refillMs = refillMs;
    this.#nowMs = nowMs;
    this.#left = countMax;
    this.#refilledMs = nowMs();
  }

  /** Takes one; returns false when there is none left. */
  trySpend(): boolean {
    if (this.#left === 0 && !this.#refill()) return false;
    this.#left--;
    return true;
  }

  /** Gives `count` back, up to what it started with. */
  earn(count: number): void {
    this.#left = Math.min(this.#countMax, this.#left + count);
  }

  #refill(): boolean {
    const nowMs = this.#nowMs();
    if (nowMs - this.#refilledMs < this.#refillMs) return false;
    this.#refilledMs = nowMs;
    this.#left = this.#countMax;
    return true;
  }
}
