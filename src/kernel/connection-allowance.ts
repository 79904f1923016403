/**
 * How many connections may be open at once, of one listener or of several that share it: descriptors are the process's, not a listener's.
 * Invariant: `count` is never above `countMax`.
 */
export class ConnectionAllowance {
  readonly countMax: number;
  #count = 0;

  constructor(countMax: number) {
    this.countMax = countMax;
  }

  get count(): number {
    return this.#count;
  }

  /** Takes one, or returns false when there is none left. */
  take(): boolean {
    if (this.#count >= this.countMax) return false;
    this.#count++;
    return true;
  }

  /** Gives one back that was taken. */
  release(): void {
    this.#count--;
  }
}
