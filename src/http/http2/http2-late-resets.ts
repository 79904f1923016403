/**
 * How long an answer goes ahead of the wish that its client send no more. Clients that find both in one read take the answer for lost
 * (libcurl before 8.1 while it uploads); those that read the answer first stop by themselves.
 */
const HEAD_START_MS = 100;

/** Streams whose reset waits. Past this the oldest is sent at once: a client that is answered early so often is not uploading. */
const WAITING_COUNT_MAX = 100;

interface LateReset {
  readonly streamId: number;
  readonly dueMs: number;
}

/** The streams of one connection that were answered before their request had ended, until their clients are asked to stop sending. */
export class Http2LateResets {
  /** Oldest first, so by time. */
  readonly #waiting: LateReset[] = [];

  /** When the next one is due; `Infinity` when none waits. */
  get dueMs(): number {
    return this.#waiting[0]?.dueMs ?? Infinity;
  }

  /** Returns the stream that has to be reset now to make room for this one, or 0. */
  add(streamId: number, nowMs: number): number {
    this.#waiting.push({ streamId, dueMs: nowMs + HEAD_START_MS });
    return this.#waiting.length > WAITING_COUNT_MAX ? this.#waiting.shift()!.streamId : 0;
  }

  /** Removes and returns the oldest stream that is due; 0 when there is none. */
  takeDue(nowMs: number): number {
    return this.dueMs <= nowMs ? this.#waiting.shift()!.streamId : 0;
  }
}
