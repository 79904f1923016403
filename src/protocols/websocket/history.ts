const EMPTY = Buffer.alloc(0);

/**
 * The last bytes of what a stream of messages has stood for: the window that later messages may refer back into (RFC 7692 §7.1.1).
 * Invariant: never more than `windowBytes`, and nothing at all before the first message.
 */
export class History {
  readonly #windowBytes: number;
  #memory: Buffer = EMPTY;
  #byteLength = 0;

  constructor(windowBytes: number) {
    this.#windowBytes = windowBytes;
  }

  /** The window as it is now; good until the next call. */
  get bytes(): Buffer {
    return this.#memory.subarray(0, this.#byteLength);
  }

  append(content: Buffer): void {
    const windowBytes = this.#windowBytes;
    if (content.length >= windowBytes) {
      this.#reserve(windowBytes);
      content.copy(this.#memory, 0, content.length - windowBytes);
      this.#byteLength = windowBytes;
      return;
    }
    const kept = Math.min(this.#byteLength, windowBytes - content.length);
    this.#reserve(kept + content.length);
    this.#memory.copyWithin(0, this.#byteLength - kept, this.#byteLength);
    content.copy(this.#memory, kept);
    this.#byteLength = kept + content.length;
  }

  /** Forgets everything: what follows refers to nothing before. */
  clear(): void {
    this.#memory = EMPTY;
    this.#byteLength = 0;
  }

  #reserve(byteLength: number): void {
    if (byteLength <= this.#memory.length) return;
    const capacity = Math.min(Math.max(byteLength, this.#memory.length * 2), this.#windowBytes);
    const memory = Buffer.allocUnsafeSlow(capacity);
    this.#memory.copy(memory, 0, 0, this.#byteLength);
    this.#memory = memory;
  }
}
