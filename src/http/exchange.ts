import { assert } from "../base/assert.ts";
import type { TlsFacts } from "../kernel/tls-facts.ts";
import type { ConnectionFacts } from "./connection-facts.ts";
import type { RequestHead } from "../protocols/http/request-head.ts";
import { refusalText } from "../protocols/http/refusal-text.ts";
import { decideBodyFraming, statedLength } from "../protocols/http/response-framing.ts";
import type { ExchangeOutcome, ExchangeTrace } from "./watch/exchange-trace.ts";
import type { MatchedRoute } from "./matched-route.ts";
import { createRequestId } from "./request-id.ts";
import { ResponseStream } from "./response-stream.ts";
import type { OutgoingHead, OutgoingResponse, RefusalOptions, ResponseWriter, Upgrade } from "./response-writer.ts";
import type { SpooledBody } from "./body/body-spool.ts";
import type { RequestStream } from "./body/request-stream.ts";
import type { FieldBlock } from "../protocols/http/field-block.ts";

/** Interim responses of one request: nobody waits for the client to take them. */
const INTERIM_COUNT_MAX = 16;

const NO_CONNECTION: ConnectionFacts = { tls: null, serverAddress: Buffer.alloc(0) };

/** How a handler takes the body of its request: as a whole, in a file that it may take over where memory has no room, or in parts as it arrives. */
export type BodyIntake = "whole" | "file" | "parts";

/**
 * The user's side of an exchange: what the app does with it. `http/` calls, whoever was handed the exchange implements.
 *
 * Order: `onRequest` once, when the request is complete, or `onRequestStream` once, when its head is; then, if the client leaves before it is
 * answered, `onAbandoned`.
 */
export interface ExchangeHandler {
  /** How it takes a body, asked once of a request that has one. Default: `whole`. */
  readonly bodyIntake?: BodyIntake;
  /**
   * True where the head alone decides the answer, which `onRequest` then gives at once. A client that waits for 100 (Continue) gets it in its place,
   * without a body (RFC 9110 §10.1.1); of every other one the body is read first, so that its connection goes on. Default: false.
   */
  readonly isHeadEnough?: boolean;
  /** The request is complete, its body included (`null` when it has none). The exchange's head is valid until this returns. */
  onRequest(body: SpooledBody | null): void;
  /**
   * In the place of `onRequest` where the intake is `parts`: nothing of the body is read before the stream is opened. The exchange may be answered
   * at any time; what is left of the body is dropped then, with the connection where it has to be.
   */
  onRequestStream?(body: RequestStream): void;
  /**
   * The client sends nothing more, which is all that can be seen of one that left. Returns whether the answer is still worth making; `soon` where it is
   * for a moment, for a client that has only closed its side of HTTP/1.
   */
  onClientEnd(): "answer" | "soon" | "drop";
  /** Nobody waits for the answer any more; answering is allowed and does nothing. */
  onAbandoned(): void;
}

/** Decides who answers a request. Called once its head is known and before its body is read; the head is valid during `onRequest` too. */
export type Dispatch = (exchange: Exchange) => ExchangeHandler;

/**
 * One request and its response, whatever the protocol it came by. Everything above the codecs (routing, pools, limits, logs) sees this
 * and nothing else. Invariant: it is answered at most once, and after it is answered or abandoned it holds on to nothing.
 */
export class Exchange {
  #head: RequestHead;
  readonly #connection: ConnectionFacts;
  #remoteAddress: Buffer;
  #scheme: "http" | "https";
  #writer: ResponseWriter | null;
  /** Whether it is an extended CONNECT. Read at once, for the head may be gone by the time it is answered. */
  readonly #asksForTunnel: boolean;
  #body: SpooledBody | null = null;
  #stream: ResponseStream | null = null;
  #requestId: string | null = null;
  #bodyBytesMax = Infinity;
  #interimCount = 0;
  handler!: ExchangeHandler;
  /** What came behind the content, apart from the head's fields on purpose (RFC 9110 §6.5.1); `null` for none, and until the body is complete. */
  trailers: FieldBlock | null = null;
  /** The route that it was found to be for; null where there are no routes to choose from. */
  route: MatchedRoute | null = null;
  /** Who keeps track of it. Set while it is dispatched. */
  trace: ExchangeTrace | null = null;
  /** The version of HTTP it came by, without the minor part of HTTP/1, which the head has. */
  readonly httpMajor: ResponseWriter["httpMajor"];

  constructor(
    head: RequestHead,
    remoteAddress: Buffer,
    scheme: "http" | "https",
    writer: ResponseWriter,
    connection: ConnectionFacts = NO_CONNECTION,
  ) {
    this.#head = head;
    this.#remoteAddress = remoteAddress;
    this.#scheme = scheme;
    this.#writer = writer;
    this.#asksForTunnel = head.isExtendedConnect;
    this.httpMajor = writer.httpMajor;
    this.#connection = connection;
  }

  /** Whom the request is from, as `address:port` in ASCII: the connection's peer, made once a connection, or who a trusted proxy says. */
  get remoteAddress(): Buffer {
    return this.#remoteAddress;
  }

  /** What TLS has established on the request's connection; null in the clear, whatever a proxy says of its own. */
  get tls(): TlsFacts | null {
    return this.#connection.tls;
  }

  /** Where the client has reached us: `address:port` in ASCII, or the path of a Unix socket. */
  get serverAddress(): Buffer {
    return this.#connection.serverAddress;
  }

  get head(): RequestHead {
    return this.#head;
  }

  /** Lets the head be valid for as long as the exchange is, for whoever cannot decide at once: it costs a copy. */
  keepHead(): void {
    this.#head = this.#head.detach();
  }

  /** What the body may be long at most, beside the limit of the server; its connection refuses more. */
  get bodyBytesMax(): number {
    return this.#bodyBytesMax;
  }

  /** Lowers that, for one request and while it is dispatched. */
  limitBody(bytesMax: number): void {
    this.#bodyBytesMax = Math.min(this.#bodyBytesMax, bytesMax);
  }

  /** Puts a writer before the one that has been there: what is sent from now on goes through it. For those who change answers on their way. */
  intercept(wrap: (next: ResponseWriter) => ResponseWriter): void {
    if (this.#writer !== null) this.#writer = wrap(this.#writer);
  }

  get scheme(): "http" | "https" {
    return this.#scheme;
  }

  /**
   * What tells the request apart in logs: the client's `X-Request-Id` where that is one, else a new one. Ask for it first while the head is
   * valid; afterwards it stays.
   */
  get requestId(): string {
    return (this.#requestId ??= createRequestId(this.head));
  }

  /** A trusted proxy has said whom the request is from, and how it came to it. */
  cameFrom({ remoteAddress, scheme }: { readonly remoteAddress: Buffer; readonly scheme: "http" | "https" }): void {
    this.#remoteAddress = remoteAddress;
    this.#scheme = scheme;
  }

  /** True once it is answered or the client is gone. */
  get isEnded(): boolean {
    return this.#writer === null;
  }

  /** Sends a whole response, or 501 in its place where it would be a false yes. Its fields and body are read before this returns. */
  respond(response: OutgoingResponse): void {
    if (this.#isFalseYes(response.status)) {
      this.refuse(501);
      return;
    }
    const writer = this.#end();
    if (writer === null) return;
    if (this.trace !== null) this.#traceWhole(response.status, response.bodyEnd - response.bodyStart);
    writer.writeResponse(response);
  }

  /** Sends one of the engine's own error responses. */
  refuse(status: number, options?: RefusalOptions): void {
    const writer = this.#end();
    if (writer === null) return;
    if (this.trace !== null) this.#traceWhole(status, refusalText(status, options?.errorId).length);
    writer.writeRefusal(status, options);
  }

  /** Sends a 1xx response ahead of the answer, such as 103 with its Link fields. Nothing happens once the answer has begun, and behind the 16th. */
  interim(head: OutgoingHead): void {
    if (this.#stream === null && this.#interimCount++ < INTERIM_COUNT_MAX) this.#writer?.writeInterim(head);
  }

  /**
   * Sends the head of a response whose content follows in parts, as its fields announce it: a Content-Length among them is kept to. What would be a
   * false yes is 501 in its place.
   *
   * @param onTaken called with bytes of content that no longer wait for the client: its source may send as many more. Not called once the
   *   exchange has ended.
   * @returns `null` when no content follows: for HEAD, 204 and 304, behind a 501 in its place, and when the client has left.
   */
  begin(head: OutgoingHead, onTaken: (byteCount: number) => void): ResponseStream | null {
    assert(this.#stream === null, "an exchange is answered once");
    if (this.#isFalseYes(head.status)) {
      this.refuse(501);
      return null;
    }
    const bodyByteLength = statedLength(head.fields);
    const body = this.#writer?.beginBody(head, bodyByteLength, onTaken) ?? null;
    if (this.#writer !== null && this.trace !== null) {
      this.trace.status = head.status;
      this.trace.onBegin();
    }
    if (body === null) {
      if (this.#end() !== null) this.trace?.onEnd("answered");
      return null;
    }
    this.#disposeBody();
    this.#stream = new ResponseStream(body, bodyByteLength, (isComplete) => this.#endStream(isComplete));
    return this.#stream;
  }

  /**
   * Ends HTTP on the exchange's stream and hands it to another protocol. Only for a request that has asked for it, and is complete.
   *
   * @returns false when the client is gone; then nobody takes over.
   */
  upgrade(upgrade: Upgrade): boolean {
    const writer = this.#end();
    if (writer === null) return false;
    if (this.trace !== null) {
      this.trace.status = this.httpMajor === 1 ? 101 : 200;
      this.trace.onEnd("upgraded");
    }
    writer.writeUpgrade(upgrade);
    return true;
  }

  /** Called by the connection: the request is complete. */
  complete(body: SpooledBody | null): void {
    this.#body = body;
    this.handler.onRequest(body);
  }

  /** Called by the connection: the head is complete, and the handler takes the body as it arrives. */
  stream(body: RequestStream): void {
    assert(this.handler.onRequestStream !== undefined, "who takes a body in parts reads streams");
    this.handler.onRequestStream(body);
  }

  /** Called by the connection: the client is gone, or (with a `status`) its request turned out to be one that is not served. */
  abandon(status: number = 0): void {
    const writer = this.#end();
    if (writer === null) return;
    writer.onAbandoned?.();
    this.handler.onAbandoned();
    if (this.trace === null) return;
    if (status > 0 && this.#stream === null) this.trace.status = status;
    this.#traceEnd(status > 0 ? "refused" : "abandoned");
  }

  /** To who asks for another protocol on its stream 2xx says that it is spoken from now on, which only `upgrade` may say. RFC 8441 §5. */
  #isFalseYes(status: number): boolean {
    return this.#asksForTunnel && status < 300;
  }

  #endStream(isComplete: boolean): boolean {
    if (this.#end() === null) return false;
    this.#traceEnd(isComplete ? "answered" : "cut");
    return true;
  }

  #traceWhole(status: number, bodyByteLength: number): void {
    const trace = this.trace!;
    trace.status = status;
    const facts = { status, fields: null, bodyByteLength, isHead: trace.isHead, versionMinor: 1 } as const;
    if (decideBodyFraming(facts) !== null) trace.bodyBytes = bodyByteLength;
    trace.onEnd("answered");
  }

  #traceEnd(outcome: ExchangeOutcome): void {
    if (this.trace === null) return;
    if (this.#stream !== null) this.trace.bodyBytes = this.#stream.writtenBytes;
    this.trace.onEnd(outcome);
  }

  #end(): ResponseWriter | null {
    const writer = this.#writer;
    this.#writer = null;
    this.#disposeBody();
    return writer;
  }

  #disposeBody(): void {
    this.#body?.dispose();
    this.#body = null;
  }
}
