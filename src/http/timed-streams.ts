/** A stream that something has to happen to before a moment. */
export interface Timed {
  /** In the clock of whoever set it. Meaningful while the stream is in a {@link TimedStreams}. */
  dueMs: number;
}

/**
 * Streams of one connection that all have the same time for something, the one that is due first in front: setting the time anew moves a
 * stream to the end. So any number of them needs one deadline of the connection.
 */
export class TimedStreams<Stream extends Timed> {
  readonly #delayMs: number;
  readonly #streams = new Set<Stream>();

  constructor(delayMs: number) {
    this.#delayMs = delayMs;
  }

  /** When the first one is due; `Infinity` when there is none. */
  get dueMs(): number {
    if (this.#streams.size === 0) return Infinity;
    for (const { dueMs } of this.#streams) return dueMs;
    return Infinity;
  }

  /** Gives `stream` its whole time from now on. */
  set(stream: Stream, nowMs: number): void {
    this.#streams.delete(stream);
    stream.dueMs = nowMs + this.#delayMs;
    this.#streams.add(stream);
  }

  clear(stream: Stream): void {
    this.#streams.delete(stream);
  }

  /** Takes out and returns the first stream if its time is over. */
  takeExpired(nowMs: number): Stream | null {
    for (const stream of this.#streams) {
      if (stream.dueMs > nowMs) return null;
      this.#streams.delete(stream);
      return stream;
    }
    return null;
  }
}
