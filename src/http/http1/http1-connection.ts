import type { Connection } from "../../kernel/connection.ts";
import type { CloseCause } from "../../kernel/monitor.ts";
import { Segments } from "../../kernel/segments.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import { CONTENT_TOO_LARGE } from "../../protocols/http/limit-errors.ts";
import { RequestHead } from "../../protocols/http/request-head.ts";
import { encodeRefusal } from "../../protocols/http1/refusal-encoder.ts";
import type { SpooledBody } from "../body/body-spool.ts";
import { LiveConnectionFacts } from "../connection-facts.ts";
import { Exchange } from "../exchange.ts";
import { FIRST_REQUEST_MS, type HttpConnection } from "../http-connection.ts";
import { type AnsweredConnection, Http1Answers } from "./http1-answers.ts";
import type { Http1Context } from "./http1-context.ts";
import { Http1RequestBody, type RequestBodyOwner } from "./http1-request-body.ts";
import type { Upgrade } from "../response-writer.ts";

/** Bytes of later requests a client may send ahead while one is being answered; then it is not read any more. */
const PIPELINED_BYTES_MAX = 64 * 1024;
/** Bytes of unsent answers above which no further pipelined request is taken. */
const UNSENT_BYTES_MAX = 256 * 1024;
/** How long a client that sends nothing more is waited with for an answer that could be stopped: it may have left, or hang on its last word. */
const HALF_CLOSED_MS = 500;
/** How long, and for how many bytes, a refused client is read on so that it gets to see why. RFC 9112 §9.6. */
const LINGER_MS = 2_000;
const LINGER_BYTES_MAX = 16 * 1024 * 1024;

/** The one head that requests are decoded into; nobody keeps it past the turn (see `RequestHead.clone`). */
const scratchHead = new RequestHead();

/**
 * HTTP/1 on one connection: reads a request, has it answered, reads the next. RFC 9112.
 *
 * Invariant: one exchange at a time, so answers leave in the order of their requests; what a client pipelines meanwhile waits, bounded.
 * Phases: `idle` → `head` → (`body`) → `exchange` → `idle` …, and `closing` at the end, in which nothing is read as HTTP any more.
 */
export class Http1Connection implements HttpConnection, RequestBodyOwner, AnsweredConnection {
  readonly #connection: Connection;
  readonly #context: Http1Context;
  readonly #segments = new Segments();
  #phase: "idle" | "head" | "body" | "exchange" | "closing" = "idle";
  #exchange: Exchange | null = null;
  /** What takes in the bodies of requests, from the first one on. */
  #requestBody: Http1RequestBody | null = null;
  // From the first request on:
  #answers: Http1Answers | null = null;
  #remoteAddress: Buffer | null = null;
  #facts: LiveConnectionFacts | null = null;
  #requestCount = 0;
  /** What the head decoder left off with. */
  #headProgress = 0;
  #isProcessing = false;
  #isInputEnded = false;

  constructor(connection: Connection, context: Http1Context) {
    this.#connection = connection;
    this.#context = context;
    connection.setDeadline(context.deadlines.idleMs);
  }

  /** True between two requests, when closing loses nothing that has arrived. */
  get isIdle(): boolean {
    return this.#phase === "idle" && this.#segments.byteLength === 0;
  }

  get protocol(): "h1" {
    return "h1";
  }

  get isEndedByClose(): boolean {
    return this.#answers?.isEndedByClose === true;
  }

  get isRequestRead(): boolean {
    return this.#phase === "exchange";
  }

  announceClose(): void {
    // Its next response says it.
  }

  closeIfIdle(): void {
    if (!this.isIdle) return;
    if (this.#requestCount === 0) this.#connection.setDeadline(FIRST_REQUEST_MS);
    else this.#connection.closeAfterFlush();
  }

  onBytes(chunk: Buffer): void {
    if (this.#phase === "closing") return;
    this.#segments.append(chunk);
    this.#process();
  }

  onEnd(): void {
    this.#isInputEnded = true;
    if (this.#phase !== "exchange") {
      this.#connection.closeAfterFlush();
      return;
    }
    const verdict = this.#exchange?.handler.onClientEnd();
    if (verdict === "drop") this.#connection.close("peer");
    else if (verdict === "soon") this.#connection.setDeadline(HALF_CLOSED_MS);
  }

  onDrain(): void {
    this.#answers?.release();
    this.#process();
  }

  onDeadline(): void {
    const { counters } = this.#context;
    if (this.#phase === "idle") {
      this.#connection.closeAfterFlush();
    } else if (this.#phase === "head" || this.#phase === "body") {
      counters.timedOut++;
      this.#refuse(new HttpError("VILYA_HTTP_TIMEOUT", 408, `Cannot read a request: its ${this.#phase} took too long`));
    } else if (this.#phase === "exchange" && this.#isInputEnded) {
      // An answer of known length may have begun meanwhile: such a client gets all of it.
      if (this.#exchange?.handler.onClientEnd() !== "answer") this.#connection.close("peer");
    }
  }

  onClose(_cause: CloseCause): void {
    this.#phase = "closing";
    this.#requestBody?.dispose();
    this.#segments.clear();
    this.#answers?.drop();
    const exchange = this.#exchange;
    this.#exchange = null;
    if (exchange === null || exchange.isEnded) return;
    this.#context.counters.abandoned++;
    exchange.abandon();
  }

  /** Takes every request that is there, until one has to wait for its bytes, its answer, or room to write. */
  #process(): void {
    if (this.#isProcessing) return; // An answer given at once comes back here: the loop below goes on with the next request.
    this.#isProcessing = true;
    try {
      while (this.#step()) {
        // Each step consumes bytes or changes the phase.
      }
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#refuse(error);
    } finally {
      this.#isProcessing = false;
    }
  }

  /** Returns whether another step may be possible now. */
  #step(): boolean {
    switch (this.#phase) {
      case "idle":
      case "head":
        return this.#readHead();
      case "body":
        return this.#readBody();
      case "exchange":
        if (this.#segments.byteLength > PIPELINED_BYTES_MAX) this.#connection.pause();
        return false;
      case "closing":
        return false;
    }
  }

  #readBody(): boolean {
    const body = this.#requestBody!;
    if (!body.decode(this.#segments) || this.#phase !== "body") return false; // The request may have been refused meanwhile.
    this.#phase = "exchange";
    body.finish();
    return true;
  }

  #readHead(): boolean {
    const segments = this.#segments;
    const connection = this.#connection;
    if (segments.byteLength === 0) {
      if (this.#isInputEnded) connection.closeAfterFlush();
      return false;
    }
    if (connection.outputBytes > UNSENT_BYTES_MAX) {
      connection.flush();
      if (connection.isAboveHighWater) return false; // Goes on in `onDrain`.
    }
    const head = scratchHead;
    const headBytes = this.#context.decoder.decode(segments, head, this.#headProgress);
    if (headBytes < 0) {
      this.#headProgress = headBytes;
      if (this.#isInputEnded) {
        connection.closeAfterFlush();
      } else if (this.#phase === "idle") {
        this.#phase = "head";
        connection.setDeadline(this.#context.deadlines.headMs);
      }
      return false;
    }
    this.#headProgress = 0;
    this.#begin(head, headBytes);
    return true;
  }

  #begin(head: RequestHead, headBytes: number): void {
    const context = this.#context;
    context.counters.requests++;
    this.#requestCount++;
    this.#answers ??= new Http1Answers(this.#connection, context, this);
    this.#answers.start(head, this.#requestCount === context.requestsPerConnectionMax);
    const { start } = this.#segments;
    this.#segments.consume(headBytes); // The head's own reference keeps its bytes until this turn's next chunk.
    if (!head.hasBody) {
      this.#phase = "exchange";
      this.#connection.clearDeadline();
      this.#open(head).complete(null);
      return;
    }
    this.#phase = "body";
    this.#connection.clearDeadline();
    const isTooLarge = head.contentLength > context.bodyBytesMax;
    if (!isTooLarge) {
      this.#requestBody ??= new Http1RequestBody(this.#connection, context, this);
      this.#requestBody.start(head);
    }
    const exchange = this.#open(head.clone(start, start + headBytes));
    if (isTooLarge) {
      context.counters.protocolErrors++;
      exchange.refuse(CONTENT_TOO_LARGE);
    }
    if (exchange.isEnded || this.#requestBody === null) return; // Refused unread.
    // RFC 9110 §10.1.1: not when the body is already arriving.
    const isWaiting = head.expectsContinue && this.#segments.byteLength === 0;
    if (isWaiting && exchange.handler.isHeadEnough === true) exchange.complete(null);
    else this.#requestBody.receive(exchange, isWaiting);
  }

  #open(head: RequestHead): Exchange {
    this.#remoteAddress ??= Buffer.from(this.#connection.remoteAddress, "latin1");
    this.#facts ??= new LiveConnectionFacts(this.#connection, this.#context.socketPath);
    const exchange = new Exchange(head, this.#remoteAddress, this.#context.scheme, this.#answers!, this.#facts);
    this.#exchange = exchange;
    exchange.handler = this.#context.dispatch(exchange);
    return exchange;
  }

  onBodyStored(body: SpooledBody): void {
    this.#exchange?.complete(body);
  }

  onBodyRoom(): void {
    if (this.#phase === "body") this.#process();
  }

  onBodyLost(error: Error): void {
    this.#context.counters.spoolFailures++;
    this.#context.log.error("request body cannot be stored", { directory: this.#context.spool.directory, error });
    this.#answers?.endConnection();
    this.#exchange?.refuse(503, { retryAfterS: 1 });
  }

  onAnswered(isKeepAlive: boolean): void {
    const isUnread = this.#phase === "body";
    this.#exchange = null;
    if (!isKeepAlive) {
      this.#close(isUnread);
      return;
    }
    this.#requestBody?.drop();
    this.#phase = "idle";
    this.#connection.setDeadline(this.#context.deadlines.idleMs);
    this.#connection.resume();
    if (!this.#isProcessing && (this.#segments.byteLength > 0 || this.#isInputEnded)) this.#process();
  }

  onUpgraded(takeOver: Upgrade["takeOver"]): void {
    const connection = this.#connection;
    this.#exchange = null;
    this.#phase = "closing"; // For this handler: what arrives from now on is not HTTP.
    const segments = this.#segments;
    const early = Buffer.from(segments.bytes.subarray(segments.start, segments.end)); // Sent before our answer was seen.
    segments.clear();
    try {
      const handler = takeOver(connection);
      connection.handler = handler;
      connection.resume();
      handler.onUpgraded();
      if (early.length > 0) handler.onBytes(early);
      if (this.#isInputEnded) handler.onEnd();
    } catch (error) {
      connection.poison(error as Error); // As for everything else that a handler throws; whoever has answered goes on.
    }
  }

  /** Refuses what cannot be read as a request. RFC 9112 §11.2: after it, nothing on this connection can be trusted. */
  #refuse(error: HttpError): void {
    this.#context.counters.protocolErrors++;
    this.#context.log.debug("request refused", { status: error.status, error, client: this.#connection.remoteAddress });
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.abandon(error.status);
    if (this.#answers?.isUnderWay === true) {
      this.#answers.abort(); // An answer that has begun cannot become another one.
      return;
    }
    const { status } = error;
    if (exchange === null) {
      this.#context.onUnreadable?.({ status, client: this.#connection.remoteAddress, httpMajor: 1 });
    }
    const nowMs = Date.now();
    encodeRefusal(this.#connection.output(), { status, isHead: false, versionMinor: 1, isKeepAlive: false, nowMs });
    this.#close(true);
  }

  #close(mayHaveUnreadInput: boolean): void {
    this.#phase = "closing";
    this.#requestBody?.dispose();
    const isUnread = mayHaveUnreadInput || this.#segments.byteLength > 0;
    this.#segments.clear();
    if (isUnread && !this.#isInputEnded) this.#connection.linger(LINGER_MS, LINGER_BYTES_MAX);
    else this.#connection.closeAfterFlush();
  }
}
