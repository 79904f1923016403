/**
 * The memory that the unfinished messages of many connections share. A peer costs what it has sent, and all peers together never cost more
 * than this.
 */
export class AssemblyMemory {
  readonly bytesMax: number;
  #bytes = 0;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Bytes held now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** Takes `count` bytes, or none and returns false. */
  tryTake(count: number): boolean {
    if (this.#bytes + count > this.bytesMax) return false;
    this.#bytes += count;
    return true;
  }

  giveBack(count: number): void {
    this.#bytes -= count;
  }
}
