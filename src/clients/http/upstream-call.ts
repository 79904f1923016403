import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import type { CloseCause } from "../../kernel/monitor.ts";
import { Segments } from "../../kernel/segments.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import { isBodylessStatus } from "../../protocols/http/status.ts";
import { BodyDecoder, type BodySink } from "../../protocols/http1/body-decoder.ts";
import type { HttpLimits } from "../../protocols/http1/limits.ts";
import { ResponseHead, ResponseHeadDecoder } from "../../protocols/http1/response-head-decoder.ts";

/** Why a call to an upstream fails. */
export type UpstreamFailure = "closed" | "timeout" | "malformed";

/** Who hears what an upstream answers. Exactly one of `onBodyEnd` and `onFailed` is the last call, unless the call is cancelled. */
export interface UpstreamListener {
  /** A 1xx other than 101, any number of times before the head. */
  onInterim(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  /** Valid during the call, or as long as `bytes` is kept. */
  onBodyBytes(bytes: Buffer, start: number, end: number): void;
  onBodyEnd(): void;
  onFailed(failure: UpstreamFailure): void;
  /** What was written has left, as far as more is welcome. */
  onDrain(): void;
}

export interface UpstreamCallOptions {
  readonly limits: HttpLimits;
  readonly isHead: boolean;
  /** Between two signs of life of the upstream. */
  readonly timeoutMs: number;
  readonly listener: UpstreamListener;
}

/**
 * One request on a connection of its own, from the side of a client: reads one response, however it is framed, and closes.
 *
 * Invariant: a response that has begun ends in `onBodyEnd` only if its framing says that it is complete.
 */
export class UpstreamCall implements ConnectionHandler, BodySink {
  readonly #connection: Connection;
  readonly #options: UpstreamCallOptions;
  readonly #segments = new Segments();
  readonly #head = new ResponseHead();
  readonly #heads: ResponseHeadDecoder;
  readonly #body: BodyDecoder;
  #phase: "head" | "body" | "until-close" | "over" = "head";
  #isPaused = false;

  constructor(connection: Connection, options: UpstreamCallOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#heads = new ResponseHeadDecoder(options.limits);
    this.#body = new BodyDecoder(options.limits);
    this.#awaitUpstream();
  }

  /** Stops reading: whoever the response is for is slow, which is not the upstream's fault. */
  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#connection.pause();
    this.#connection.clearDeadline();
  }

  resume(): void {
    if (!this.#isPaused || this.#phase === "over") return;
    this.#isPaused = false;
    this.#awaitUpstream();
    this.#connection.resume();
  }

  /** Nobody wants the response any more. */
  cancel(): void {
    if (this.#phase === "over") return;
    this.#phase = "over";
    this.#connection.close();
  }

  onBytes(chunk: Buffer): void {
    if (this.#phase === "over") return;
    this.#segments.append(chunk);
    if (!this.#isPaused) this.#awaitUpstream();
    try {
      while (this.#phase === "head" && this.#readHead()) {
        // Each turn consumes a head.
      }
      if (this.#phase === "body") this.#body.decode(this.#segments, this);
      else if (this.#phase === "until-close") this.#passOn();
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.#fail("malformed");
    }
  }

  onEnd(): void {
    if (this.#phase === "until-close") this.onBodyEnd();
    else this.#fail("closed");
  }

  onDrain(): void {
    if (this.#phase !== "over") this.#options.listener.onDrain();
  }

  onDeadline(): void {
    this.#fail("timeout");
  }

  onClose(_cause: CloseCause): void {
    this.#segments.clear();
    this.#fail("closed");
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#phase !== "over") this.#options.listener.onBodyBytes(bytes, start, end);
  }

  onBodyEnd(): void {
    if (this.#phase === "over") return;
    this.cancel();
    this.#options.listener.onBodyEnd();
  }

  #readHead(): boolean {
    const head = this.#head;
    const { listener, isHead } = this.#options;
    if (!this.#heads.decode(this.#segments, head)) return false;
    if (head.status < 200) {
      // Nobody has asked for another protocol.
      if (head.status === 101) this.#fail("malformed");
      else listener.onInterim(head);
      return true;
    }
    const hasBody = !isHead && !isBodylessStatus(head.status);
    const isFramed = head.isChunked || head.contentLength >= 0;
    this.#phase = !hasBody || isFramed ? "body" : "until-close";
    if (hasBody && isFramed) this.#body.start(head, Number.MAX_SAFE_INTEGER);
    listener.onHead(head);
    if (!hasBody) this.onBodyEnd();
    return true;
  }

  #passOn(): void {
    const { bytes, start, end, byteLength } = this.#segments;
    if (byteLength === 0) return;
    this.#segments.consume(byteLength);
    this.onBodyBytes(bytes, start, end);
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#phase === "over") return;
    this.cancel();
    this.#options.listener.onFailed(failure);
  }

  #awaitUpstream(): void {
    this.#connection.setDeadline(this.#options.timeoutMs);
  }
}
