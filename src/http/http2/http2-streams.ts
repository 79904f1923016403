import type { CloseCause } from "../../kernel/monitor.ts";
import type { HttpCounters } from "../http-counters.ts";
import type { Http2Stream } from "./http2-stream.ts";
import { RecentStreams } from "./recent-streams.ts";
import { TimedStreams } from "./timed-streams.ts";

/** How a stream has ended: by both sides' leave, or by a reset of ours that the client may not have seen yet. */
export type StreamEnd = "ended" | "reset-by-us";

export interface Http2StreamsOptions {
  readonly counters: HttpCounters;
  /** How long a client may take for one request body. */
  readonly bodyMs: number;
  /** Forgets what a stream still had to send. */
  readonly dropContent: (stream: Http2Stream) => void;
}

/**
 * The streams of one connection: which are open, which were, and which have a body on its way. RFC 9113 §5.1.
 *
 * Invariant: a stream is in here from its head to the end of its answer or its reset, after which it holds on to nothing and its app, if it
 * has not answered, knows.
 */
export class Http2Streams {
  readonly #options: Http2StreamsOptions;
  readonly #open = new Map<number, Http2Stream>();
  readonly #recent = new RecentStreams();
  /** Streams whose request body is on its way. */
  readonly bodies: TimedStreams<Http2Stream>;
  /** Whole requests that wait until the client takes the answers it has. */
  readonly held: Set<Http2Stream> = new Set();
  /** The highest stream the client has opened. */
  lastId = 0;

  constructor(options: Http2StreamsOptions) {
    this.#options = options;
    this.bodies = new TimedStreams(options.bodyMs);
  }

  get count(): number {
    return this.#open.size;
  }

  get(streamId: number): Http2Stream | undefined {
    return this.#open.get(streamId);
  }

  add(stream: Http2Stream): void {
    this.#open.set(stream.id, stream);
  }

  values(): Iterable<Http2Stream> {
    return this.#open.values();
  }

  /** True for a stream that was never opened: even numbers are the server's, and it opens none. */
  isIdle(streamId: number): boolean {
    return streamId % 2 === 0 || streamId > this.lastId;
  }

  /** How a stream that is not open any more has ended; `null` when it was never opened, or too long ago to tell. */
  endOf(streamId: number): StreamEnd | null {
    return this.#recent.find(streamId);
  }

  /** Remembers a stream that was reset before it was opened. */
  noteReset(streamId: number): void {
    this.#recent.add(streamId, "reset-by-us");
  }

  /** @param cause for whoever speaks another protocol on the stream. */
  close(stream: Http2Stream, end: StreamEnd, cause: CloseCause): void {
    const isWritten = stream.content === null;
    stream.isClosed = true;
    this.#open.delete(stream.id);
    this.held.delete(stream);
    this.bodies.clear(stream);
    this.#options.dropContent(stream);
    stream.dispose();
    this.#recent.add(stream.id, end);
    stream.tunnel?.end(cause, isWritten);
  }

  /** Closes a stream whose answer nobody waits for any more. */
  abandon(stream: Http2Stream, end: StreamEnd = "ended"): void {
    this.close(stream, end, "reset");
    const { exchange } = stream;
    if (exchange === null || exchange.isEnded) return;
    this.#options.counters.abandoned++;
    exchange.abandon();
  }

  abandonAll(): void {
    for (const stream of this.#open.values()) this.abandon(stream);
  }
}
