/** What one side may still send of a stream, and who waits for more. */
export class Credit {
  #bytes: number;
  #isClosed = false;
  #hasBegun = false;
  /** Called once, when nobody is left to send to. */
  onClose: (() => void) | null = null;
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
    this.#hasBegun = true;
    this.#wake();
  }

  spend(byteCount: number): void {
    this.#bytes -= byteCount;
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.onClose?.();
    this.#wake();
  }

  /** Resolves when there is credit, or never will be any. */
  async available(): Promise<void> {
    while (this.#bytes <= 0 && !this.#isClosed) await this.#change();
  }

  /** Resolves when the other side has said its first word about it: some credit, or that there will be none. */
  async begun(): Promise<void> {
    while (!this.#hasBegun && !this.#isClosed) await this.#change();
  }

  #change(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
