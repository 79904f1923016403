/**
 * How much a client may still send, on a stream or on the connection (RFC 9113 §5.2.1). It is opened again when half of it is used up: seldom
 * enough to cost nothing, early enough that a client on a long way never waits.
 */
export class ReceiveWindow {
  readonly #sizeBytes: number;
  #leftBytes: number;

  constructor(sizeBytes: number) {
    this.#sizeBytes = sizeBytes;
    this.#leftBytes = sizeBytes;
  }

  /** Notes `count` bytes received; returns false when the client had no right to send them. */
  take(count: number): boolean {
    this.#leftBytes -= count;
    return this.#leftBytes >= 0;
  }

  /** Opens the window wholly again if it is half used up, everything received having been dealt with; returns by how much, or 0. */
  reopen(): number {
    const used = this.#sizeBytes - this.#leftBytes;
    if (used * 2 < this.#sizeBytes) return 0;
    this.#leftBytes = this.#sizeBytes;
    return used;
  }
}
