/**
 * The memory that all request bodies of a front may hold together. Past it new bytes go to files: many clients that upload at once fill a
 * disk's cache, not the process.
 */
export class BodyMemory {
  readonly #bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes `count` bytes, or none and returns false. */
  tryTake(count: number): boolean {
    if (this.#bytes + count > this.#bytesMax) return false;
    this.#bytes += count;
    return true;
  }

  giveBack(count: number): void {
    this.#bytes -= count;
  }
}
