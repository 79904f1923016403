import type { Connection } from "../../kernel/connection.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import { bodyTooLarge, CONTENT_TOO_LARGE } from "../../protocols/http/limit-errors.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import { malformed } from "../../protocols/http2/malformed.ts";
import { LiveConnectionFacts } from "../connection-facts.ts";
import { Exchange } from "../exchange.ts";
import type { Http2Answers } from "./http2-answers.ts";
import type { Http2Context } from "./http2-context.ts";
import type { Http2FloodGuard } from "./http2-flood-guard.ts";
import type { Http2Stream } from "./http2-stream.ts";
import type { Http2Streams } from "./http2-streams.ts";
import { Http2Tunnel } from "./http2-tunnel.ts";
import { ReceiveWindow } from "./receive-window.ts";

export interface Http2RequestsOptions {
  readonly connection: Connection;
  readonly context: Http2Context;
  readonly guard: Http2FloodGuard;
  readonly streams: Http2Streams;
  readonly answers: Http2Answers;
}

/**
 * Makes exchanges of the requests on one connection: head, then body, then the app's turn; and refuses those that go past a limit.
 *
 * Invariant: while more than `sendBufferBytes` of answers wait for the client, no further request reaches its app. It waits with a head of
 * its own, and there are never more of them than streams.
 */
export class Http2Requests {
  readonly #options: Http2RequestsOptions;
  readonly #remoteAddress: Buffer;
  readonly #facts: LiveConnectionFacts;
  /** Requests that were begun. */
  count = 0;

  constructor(options: Http2RequestsOptions) {
    this.#options = options;
    this.#remoteAddress = Buffer.from(options.connection.remoteAddress, "latin1");
    this.#facts = new LiveConnectionFacts(options.connection, options.context.socketPath);
  }

  /** Begins with the head that is in the context's section. `isInputEnded` of the stream says whether that is all. */
  begin(stream: Http2Stream): void {
    const { context } = this.#options;
    const { section } = context;
    try {
      section.finish(stream.isInputEnded);
      this.#begin(stream, section.head);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.refuse(stream, error);
    }
  }

  /** Takes content that the stream's window has let through. @throws {Http2StreamError} */
  takeContent(stream: Http2Stream, bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    const { context, answers, streams } = this.#options;
    const { tunnel, exchange } = stream;
    const bodyBytesMax = Math.min(context.bodyBytesMax, exchange?.bodyBytesMax ?? Infinity);
    if (tunnel !== null) {
      tunnel.receive(bytes, start, end);
    } else if (stream.bodyBytes + end - start > bodyBytesMax) {
      this.refuse(stream, bodyTooLarge(bodyBytesMax));
      return;
    } else {
      stream.appendBody(bytes, start, end);
      checkLength(stream, isEnd);
      answers.onBodyRoom(stream);
      if (stream.input?.isFull === true) streams.bodies.clear(stream);
    }
    if (isEnd) this.#endInput(stream);
  }

  /** Takes the trailers in the context's section. @throws {Http2StreamError} */
  takeTrailers(stream: Http2Stream, isEnd: boolean): void {
    if (!isEnd) throw malformed(stream.id, "trailers do not end the stream", "nothing follows them");
    try {
      this.#options.context.trailers.finish();
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.refuse(stream, error);
      return;
    }
    checkLength(stream, true);
    const { fields } = this.#options.context.trailers;
    if (stream.exchange !== null && fields.count > 0) stream.exchange.trailers = fields.clone();
    this.#endInput(stream);
  }

  /** A request is whole, or its app takes its body as it arrives: it is the app's, if there is room for the answer. */
  complete(stream: Http2Stream): void {
    const { streams } = this.#options;
    if (this.#isCongested) streams.held.add(stream);
    else this.#handOver(stream);
  }

  /** Hands over what waited for room, as far as there is any. */
  releaseHeld(): void {
    const { held } = this.#options.streams;
    for (const stream of held) {
      if (this.#isCongested) return;
      held.delete(stream);
      this.#handOver(stream);
    }
  }

  /** Answers what is too large, too slow or not served: it costs the client an allowance. @throws {Http2ConnectionError} */
  refuse(stream: Http2Stream, error: HttpError): void {
    const { connection, context, guard, streams, answers } = this.#options;
    context.counters.protocolErrors++;
    context.counters.responses++;
    context.log.debug("request refused", { status: error.status, error, client: connection.remoteAddress });
    guard.spendReset();
    const { exchange } = stream;
    if (exchange !== null) exchange.abandon(error.status);
    else context.onUnreadable?.({ status: error.status, client: connection.remoteAddress, httpMajor: 2 });
    streams.bodies.clear(stream);
    if (stream.onTaken === null) answers.sendRefusal(stream, error.status);
    else answers.abort(stream, ERROR_CODE.cancel); // An answer that has begun cannot become another one.
  }

  get #isCongested(): boolean {
    const { answers, context } = this.#options;
    return answers.sender.waitingBytes > context.http2.sendBufferBytes;
  }

  #begin(stream: Http2Stream, head: RequestHead): void {
    const { context } = this.#options;
    context.counters.requests++;
    this.count++;
    stream.isHead = head.isMethod("HEAD");
    stream.takesTrailers = head.takesTrailers;
    if (head.isExtendedConnect) {
      this.#beginTunnel(stream, head);
    } else if (!stream.isInputEnded) {
      this.#beginBody(stream, head);
    } else {
      // A head is good until its app has had it: one that waits needs a copy.
      this.#open(stream, this.#isCongested ? this.#copyOf(head) : head);
      this.complete(stream);
    }
  }

  #beginBody(stream: Http2Stream, head: RequestHead): void {
    const { context, guard, streams, answers } = this.#options;
    const isTooLarge = head.contentLength > context.bodyBytesMax;
    stream.contentLength = head.contentLength;
    stream.receiveWindow = new ReceiveWindow(context.http2.streamWindowBytes);
    stream.isContinueDue = head.expectsContinue;
    if (isTooLarge) {
      // It costs the client an allowance, as what else it should not have sent; without one nobody hears of the request.
      stream.isAtFault = true;
      context.counters.protocolErrors++;
      guard.spendReset();
    }
    const exchange = this.#open(stream, this.#copyOf(head));
    if (isTooLarge) exchange.refuse(CONTENT_TOO_LARGE);
    if (stream.isClosed) return; // Refused unread.
    const { bodyIntake = "whole", isHeadEnough = false } = exchange.handler;
    if (isHeadEnough && head.expectsContinue) {
      this.complete(stream);
      return;
    }
    if (bodyIntake === "parts") {
      stream.openInput(context.spool);
      this.complete(stream);
      return;
    }
    stream.openSpool(context.spool, bodyIntake);
    streams.bodies.set(stream, context.nowMs());
    answers.onBodyOpened(stream);
  }

  /** RFC 8441: the stream is to speak another protocol, if the app agrees. */
  #beginTunnel(stream: Http2Stream, head: RequestHead): void {
    const { connection, context } = this.#options;
    stream.receiveWindow = new ReceiveWindow(context.http2.streamWindowBytes);
    stream.tunnel = new Http2Tunnel(stream, connection.remoteAddress, context.wheel);
    this.#open(stream, this.#copyOf(head));
    this.complete(stream);
  }

  #open(stream: Http2Stream, head: RequestHead): Exchange {
    const { context } = this.#options;
    const exchange = new Exchange(head, this.#remoteAddress, context.scheme, stream, this.#facts);
    stream.exchange = exchange;
    exchange.handler = context.dispatch(exchange);
    return exchange;
  }

  #handOver(stream: Http2Stream): void {
    const { exchange, input } = stream;
    if (exchange === null || exchange.isEnded) return;
    if (input === null) exchange.complete(stream.takeBody());
    else exchange.stream(input);
  }

  #copyOf(head: RequestHead): RequestHead {
    const { text } = this.#options.context.section;
    return head.clone(text.start, text.end);
  }

  #endInput(stream: Http2Stream): void {
    const { streams } = this.#options;
    streams.bodies.clear(stream);
    stream.endInput();
    if (stream.isOutputEnded && !stream.isClosed) streams.close(stream, "ended", "peer");
  }
}

/** RFC 9113 §8.1.1: a Content-Length that the DATA frames do not add up to makes the request malformed. */
function checkLength({ id, contentLength, bodyBytes }: Http2Stream, isEnd: boolean): void {
  if (contentLength === -1 || (isEnd ? bodyBytes === contentLength : bodyBytes <= contentLength)) return;
  throw malformed(id, "the content is not as long as content-length says", "it is the length of the DATA frames");
}
