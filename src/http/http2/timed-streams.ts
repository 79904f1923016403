/**
 * Streams of one connection that all have the same time for something, the one that is due first in front: setting the time anew moves a
 * stream to the end. So any number of them needs one deadline of the connection.
 */
export class TimedStreams<Stream> {
  readonly #delayMs: number;
  readonly #dueMs = new Map<Stream, number>();

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** When the first one is due; `Infinity` when there is none. */
  get dueMs(): number {
    if (this.#dueMs.size === 0) return Infinity;
    for (const dueMs of this.#dueMs.values()) return dueMs;
    return Infinity;
  }

  /** Gives `stream` its whole time from now on. */
  set(stream: Stream, nowMs: number): void {
    this.#dueMs.delete(stream);
    this.#dueMs.set(stream, nowMs + this.#delayMs);
  }

  clear(stream: Stream): void {
    this.#dueMs.delete(stream);
  }

  /** Takes out and returns the first stream if its time is over. */
  takeExpired(nowMs: number): Stream | null {
    for (const [stream, dueMs] of this.#dueMs) {
      if (dueMs > nowMs) return null;
      this.#dueMs.delete(stream);
      return stream;
    }
    return null;
  }
}
