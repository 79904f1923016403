import type { Connection } from "../../kernel/connection.ts";
import type { CloseCause } from "../../kernel/monitor.ts";
import { Segments } from "../../kernel/segments.ts";
import { ERROR_CODE, type ErrorCode } from "../../protocols/http2/error-code.ts";
import { FrameDecoder } from "../../protocols/http2/frame-decoder.ts";
import { encodeGoaway } from "../../protocols/http2/frame-encoder.ts";
import { Http2ConnectionError, Http2StreamError } from "../../protocols/http2/http2-error.ts";
import { FIRST_REQUEST_MS, type HttpConnection } from "../http-connection.ts";
import type { Http2Context } from "./http2-context.ts";
import { Http2Session } from "./http2-session.ts";

/** How long, and for how many bytes, a client is read on after the last word, so that it gets to see it. */
const LINGER_MS = 2_000;
const LINGER_BYTES_MAX = 16 * 1024 * 1024;

/**
 * HTTP/2 on one connection, from the preface on, whoever found out that the client speaks it (RFC 9113). What the frames mean is the session's
 * matter; this is about the connection: reading, its one deadline, errors that end it, and leaving in good order.
 *
 * Invariant: whatever happens in a turn ends in `#settle`, which sends what can be sent and sets the deadline anew.
 */
export class Http2Connection implements HttpConnection {
  readonly #connection: Connection;
  readonly #context: Http2Context;
  readonly #segments = new Segments();
  readonly #decoder: FrameDecoder;
  readonly #session: Http2Session;
  /** True while something is under way that ends in `#settle`. */
  #isBusy = false;
  #isInputEnded = false;
  /** True once nothing more is to be asked. */
  #isLeaving = false;
  /** True once the last word is said. */
  #isClosing = false;
  /** When the connection will have been without a request for too long; `Infinity` while it has one. */
  #idleDueMs: number;
  /** When a head, or any frame but content, will have taken too long to arrive. */
  #headDueMs = Infinity;
  #armedMs = Infinity;
  /** As of the last turn: requests, and frames and header blocks read whole. */
  #requestCount = 0;
  #unitCount = 0;

  constructor(connection: Connection, context: Http2Context) {
    this.#connection = connection;
    this.#context = context;
    this.#decoder = new FrameDecoder(context.headerBlockBytesMax);
    this.#session = new Http2Session(connection, context, () => {
      if (!this.#isBusy) this.#settle();
    });
    const { idleMs, headMs } = context.deadlines;
    // Whoever comes during a drain gets to ask, and does not hold it up without asking.
    this.#idleDueMs = context.nowMs() + (context.isDraining ? headMs : idleMs);
    connection.output().writeBytes(context.greeting);
    this.#settle();
  }

  /** Asks the client to open no more streams; those that it opens meanwhile are served. */
  announceClose(): void {
    if (!this.#isClosing) this.#session.farewell.announce();
  }

  readonly isEndedByClose = false;
  readonly protocol = "h2";

  /** Serves what has been asked and nothing more, then closes; now, if there is nothing. */
  closeIfIdle(): void {
    if (this.#isClosing) return;
    this.#isLeaving = true;
    if (this.#session.requestCount === 0) this.#idleDueMs = this.#context.nowMs() + FIRST_REQUEST_MS;
    this.#settle();
  }

  onBytes(chunk: Buffer): void {
    if (this.#isClosing) return;
    this.#segments.append(chunk);
    this.#process();
  }

  onEnd(): void {
    this.#isInputEnded = true;
    this.#session.endInput();
    this.#settle();
  }

  onDrain(): void {
    this.#connection.resume();
    this.#process();
  }

  onDeadline(): void {
    this.#armedMs = Infinity;
    const nowMs = this.#context.nowMs();
    if (this.#headDueMs <= nowMs) {
      this.#context.counters.timedOut++;
      this.#fail(new Http2ConnectionError(ERROR_CODE.enhanceYourCalm, "Cannot read a request: its head took too long"));
    } else if (this.#session.sender.isStalled(nowMs)) {
      this.#connection.close("stalled");
    } else if (this.#idleDueMs <= nowMs) {
      this.#close(ERROR_CODE.noError);
    } else {
      this.#contain(() => this.#session.expire(nowMs));
      this.#settle();
    }
  }

  onClose(_cause: CloseCause): void {
    this.#isClosing = true;
    this.#segments.clear();
    this.#session.end();
  }

  /** Takes every frame that is there, until one has to wait for its bytes or for room to write. */
  #process(): void {
    this.#contain(() => {
      while (!this.#decode()) {
        // A stream was reset; behind its frame there may be others.
      }
    });
    if (this.#isClosing) return;
    if (this.#session.isFull) this.#connection.pause();
    this.#settle();
  }

  /** Returns false when decoding stopped at a frame that cost its stream. */
  #decode(): boolean {
    try {
      this.#decoder.decode(this.#segments, this.#session);
      return true;
    } catch (error) {
      if (!(error instanceof Http2StreamError)) throw error;
      this.#note("stream reset", error);
      this.#session.reset(error);
      return false;
    }
  }

  /** Runs what may find the connection at fault. */
  #contain(action: () => void): void {
    this.#isBusy = true;
    try {
      action();
    } catch (error) {
      if (!(error instanceof Http2ConnectionError)) throw error;
      this.#fail(error);
    } finally {
      this.#isBusy = false;
    }
  }

  /** What follows from a turn: output, farewell, deadline. */
  #settle(): void {
    if (this.#isClosing) return;
    const session = this.#session;
    this.#contain(() => session.settle());
    if (this.#isLeaving && session.requestCount > 0) session.sendFarewell();
    this.#leaveWhenWorn();
    if (session.streamCount === 0 && (session.farewell.isFinal || this.#isInputEnded)) {
      this.#close(ERROR_CODE.noError);
      return;
    }
    const nowMs = this.#context.nowMs();
    this.#timeIdleness(nowMs);
    this.#timeHead(nowMs);
    this.#arm(nowMs);
  }

  /** A connection that has carried all the requests it may is left as in a drain; one whose client does not mind is left at once. */
  #leaveWhenWorn(): void {
    const { requestsPerConnectionMax, http2 } = this.#context;
    const { requestCount, farewell } = this.#session;
    if (requestsPerConnectionMax === 0 || requestCount < requestsPerConnectionMax) return;
    farewell.announce();
    if (requestCount >= requestsPerConnectionMax + http2.concurrentStreamCountMax) this.#session.sendFarewell();
  }

  /** Time without a request runs from the end of the last one: what else comes, pings above all, keeps no connection open. */
  #timeIdleness(nowMs: number): void {
    const { streamCount, requestCount } = this.#session;
    if (streamCount > 0) this.#idleDueMs = Infinity;
    else if (this.#idleDueMs === Infinity || requestCount !== this.#requestCount) {
      this.#idleDueMs = nowMs + this.#context.deadlines.idleMs;
    }
    this.#requestCount = requestCount;
  }

  /** Time for a head runs from its first byte to its last, whatever comes between; not while it is us who do not read. */
  #timeHead(nowMs: number): void {
    const isWaiting = !this.#connection.isPaused && this.#decoder.isHeadUnfinished(this.#segments);
    const { unitCount } = this.#decoder;
    if (!isWaiting) this.#headDueMs = Infinity;
    else if (this.#headDueMs === Infinity || unitCount !== this.#unitCount) {
      this.#headDueMs = nowMs + this.#context.deadlines.headMs;
    }
    this.#unitCount = unitCount;
  }

  #arm(nowMs: number): void {
    const dueMs = Math.min(this.#idleDueMs, this.#headDueMs, this.#session.dueMs);
    if (dueMs === this.#armedMs) return;
    this.#armedMs = dueMs;
    if (dueMs === Infinity) this.#connection.clearDeadline();
    else this.#connection.setDeadline(Math.max(0, dueMs - nowMs));
  }

  /** Ends the connection because of what its client did. RFC 9113 §5.4.1. */
  #fail(error: Http2ConnectionError): void {
    if (this.#isClosing) return;
    this.#note("connection refused", error);
    this.#close(error.errorCode);
  }

  #note(event: string, error: Http2ConnectionError | Http2StreamError): void {
    const { counters, log } = this.#context;
    counters.protocolErrors++;
    log.debug(event, { error, client: this.#connection.remoteAddress });
  }

  /** Says the last word and closes; closing at once would reset a client that is still sending, and it would not see why. RFC 9112 §9.6. */
  #close(errorCode: ErrorCode): void {
    this.#isClosing = true;
    const session = this.#session;
    if (errorCode !== ERROR_CODE.noError || !session.farewell.isFinal) {
      encodeGoaway(this.#connection.output(), session.lastStreamId, errorCode);
    }
    session.end();
    this.#segments.clear();
    if (this.#isInputEnded) this.#connection.closeAfterFlush();
    else this.#connection.linger(LINGER_MS, LINGER_BYTES_MAX);
  }
}
