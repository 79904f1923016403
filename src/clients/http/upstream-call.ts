import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import type { CloseCause } from "../../kernel/monitor.ts";
import { Segments } from "../../kernel/segments.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import { hasListToken } from "../../protocols/http/field-rules.ts";
import { isBodylessStatus } from "../../protocols/http/status.ts";
import { BodyDecoder, type BodySink } from "../../protocols/http1/body-decoder.ts";
import type { HttpLimits } from "../../protocols/http1/limits.ts";
import { ResponseHead, ResponseHeadDecoder } from "../../protocols/http1/response-head-decoder.ts";

const SWITCHING_PROTOCOLS = 101;
const REQUEST_TIMEOUT = 408;

/** What an upstream says it keeps a connection for is counted from its side: by then the next request is on its way. */
const KEEP_ALIVE_MARGIN_MS = 1_000;

/** Why a call to an upstream fails; `stale`: on a connection that had ended before the request, which has not been run. */
export type UpstreamFailure = "closed" | "timeout" | "malformed" | "stale";

/** Who hears what an upstream answers. Exactly one of `onBodyEnd`, `onSwitched` and `onFailed` is the last call, unless the call is cancelled. */
export interface UpstreamListener {
  /** Whether all of the request has been handed over. */
  readonly isRequestSent: boolean;
  /** A 1xx other than 101, any number of times before the head. */
  onInterim(head: ResponseHead): void;
  onHead(head: ResponseHead): void;
  /** Valid during the call, or as long as `bytes` is kept. */
  onBodyBytes(bytes: Buffer, start: number, end: number): void;
  /** `trailers` are valid during the call. */
  onBodyEnd(trailers: FieldBlock | null): void;
  /** The upstream speaks another protocol from now on, and has begun with `early`; the connection is the listener's. */
  onSwitched(head: ResponseHead, connection: Connection, early: Buffer): void;
  onFailed(failure: UpstreamFailure): void;
  /** What was written has left, as far as more is welcome. */
  onDrain(): void;
}

export interface UpstreamCallOptions {
  readonly limits: HttpLimits;
  readonly isHead: boolean;
  /** Whether the request asks for another protocol. */
  readonly asksToSwitch: boolean;
  /** Whether the connection has had other requests, and this one may be repeated on another. */
  readonly isReused: boolean;
  /** Between two signs of life of the upstream. */
  readonly timeoutMs: number;
  readonly listener: UpstreamListener;
  /** Takes the connection back when another request may follow; `idleMs` is how long the upstream keeps it, as far as it says so. */
  readonly onReusable: (connection: Connection, idleMs: number) => void;
}

/**
 * One request on a connection, from the side of a client: reads one response, however it is framed, and leaves the connection to the next call
 * or closes it.
 *
 * Invariants: a response that has begun ends in `onBodyEnd` only if its framing says that it is complete; and a connection is used again only
 * where nobody can doubt where the next response begins.
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
  #isSilent = true;
  /** How long the connection may be kept; 0 where it cannot be used again. */
  #idleMs = 0;

  constructor(connection: Connection, options: UpstreamCallOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#heads = new ResponseHeadDecoder(options.limits);
    this.#body = new BodyDecoder(options.limits);
    this.#awaitUpstream();
  }

  /** Stops reading: whoever the response is for is slow, which is not the upstream's fault. */
  pause(): void {
    if (this.#isPaused || this.#phase === "over") return;
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
    this.#isSilent = false;
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
    const connection = this.#connection;
    const { listener, onReusable } = this.#options;
    const isIdle = this.#segments.byteLength === 0 && connection.outputBytes === 0 && listener.isRequestSent;
    const { trailers } = this.#body;
    this.#phase = "over";
    if (isIdle && this.#idleMs > 0) onReusable(connection, this.#idleMs);
    else connection.close();
    listener.onBodyEnd(trailers);
  }

  #readHead(): boolean {
    const head = this.#head;
    const { listener, isHead, isReused } = this.#options;
    if (!this.#heads.decode(this.#segments, head)) return false;
    if (head.status < 200) {
      if (head.status !== SWITCHING_PROTOCOLS) listener.onInterim(head);
      else this.#switch(head);
      return this.#phase === "head";
    }
    if (isReused && head.status === REQUEST_TIMEOUT) {
      // RFC 9110 §15.5.9: it was written before the request arrived, of which it says nothing.
      this.#isSilent = true;
      this.#fail("closed");
      return false;
    }
    const hasBody = !isHead && !isBodylessStatus(head.status);
    const isFramed = head.isChunked || head.contentLength >= 0;
    this.#phase = !hasBody || isFramed ? "body" : "until-close";
    if (this.#phase === "body" && head.versionMinor === 1) this.#idleMs = keepAliveMs(head);
    if (hasBody && isFramed) this.#body.start(head, Number.MAX_SAFE_INTEGER);
    listener.onHead(head);
    if (!hasBody) this.onBodyEnd();
    return true;
  }

  #switch(head: ResponseHead): void {
    if (!this.#options.asksToSwitch) {
      this.#fail("malformed"); // Nobody has asked for another protocol.
      return;
    }
    const { bytes, start, end } = this.#segments;
    const early = Buffer.from(bytes.subarray(start, end));
    this.#phase = "over";
    this.#segments.clear();
    this.#connection.clearDeadline();
    this.#options.listener.onSwitched(head, this.#connection, early);
  }

  #passOn(): void {
    const { bytes, start, end, byteLength } = this.#segments;
    if (byteLength === 0) return;
    this.#segments.consume(byteLength);
    this.onBodyBytes(bytes, start, end);
  }

  #fail(failure: UpstreamFailure): void {
    if (this.#phase === "over") return;
    const isStale = failure === "closed" && this.#isSilent && this.#options.isReused;
    this.cancel();
    this.#options.listener.onFailed(isStale ? "stale" : failure);
  }

  #awaitUpstream(): void {
    this.#connection.setDeadline(this.#options.timeoutMs);
  }
}

/** How long an upstream keeps a connection behind its response: 0 where it closes it, `Infinity` where it does not say. RFC 9112 §9.3. */
function keepAliveMs({ fields }: ResponseHead): number {
  if (hasListToken(fields, "connection", "close")) return 0;
  const [, seconds] = /(?:^|[\s,;])timeout\s*=\s*(\d{1,6})/i.exec(fields.get("keep-alive") ?? "") ?? [];
  return seconds === undefined ? Infinity : Number(seconds) * 1_000 - KEEP_ALIVE_MARGIN_MS;
}
