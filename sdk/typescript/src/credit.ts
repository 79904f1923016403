/** What one side may still send of a stream, and who waits for more. */
export class Credit {
  #bytes: number;
  #isClosed = false;
  #waiting: (() => void)[] = [];

  constructor(bytes: number) {
    this.#bytes = bytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Nobody waits any longer: there is nobody to send to. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  add(byteCount: number): void {
    this.#bytes += byteCount;
    this.#wake();
  }

  spend(byteCount: number): void {
    this.#bytes -= byteCount;
  }

  close(): void {
    this.#isClosed = true;
    this.#wake();
  }

  /** Resolves when there is credit, or never will be any. */
  async available(): Promise<void> {
    while (this.#bytes <= 0 && !this.#isClosed) {
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve);
      });
    }
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
