import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { ERROR_CODE, type ErrorCode } from "../../protocols/http2/error-code.ts";
import { BodySpool, type BodySpoolListener, type BodySpoolOptions, type SpooledBody } from "../body/body-spool.ts";
import type { Exchange } from "../exchange.ts";
import type { Http2Tunnel, TunnelStream } from "./http2-tunnel.ts";
import type { ReceiveWindow } from "./receive-window.ts";
import { RequestStream, type RequestStreamSource } from "../body/request-stream.ts";
import type {
  BodyWriter,
  OutgoingHead,
  OutgoingResponse,
  RefusalOptions,
  ResponseWriter,
  Upgrade,
} from "../response-writer.ts";
import type { WaitingContent } from "./waiting-content.ts";

const NO_BYTES = Buffer.alloc(0);

/** The connection's side of a stream. */
export interface StreamOwner {
  respond(stream: Http2Stream, response: OutgoingResponse): void;
  refuse(stream: Http2Stream, status: number, options: RefusalOptions | undefined): void;
  interim(stream: Http2Stream, head: OutgoingHead): void;
  /** Returns whether content follows. */
  begin(stream: Http2Stream, head: OutgoingHead, bodyByteLength: number): boolean;
  write(stream: Http2Stream, bytes: Buffer, start: number, end: number, isEnd: boolean): void;
  abort(stream: Http2Stream, errorCode: ErrorCode): void;
  upgrade(stream: Http2Stream, upgrade: Upgrade): void;
  onTunnelFailed(stream: Http2Stream, error: Error): void;
  /** The request is whole. */
  onBodyStored(stream: Http2Stream): void;
  /** There is room again: the client may send more. */
  onBodyRoom(stream: Http2Stream): void;
  /** Somebody reads the content while it arrives, for the first time. */
  onBodyOpened(stream: Http2Stream): void;
  /** The client is waited for again. */
  onBodyAwaited(stream: Http2Stream): void;
  onBodyFailed(stream: Http2Stream, error: Error): void;
}

/**
 * One request and its response on an HTTP/2 connection: what has come, what has left, and both windows. RFC 9113 §5.1.
 *
 * A stream exists from its head to the end of its response or its reset. Until then it is open, `isInputEnded` once the client has sent all;
 * whether it is still open is for its connection to say, which alone knows streams by their ids.
 */
export class Http2Stream implements ResponseWriter, BodyWriter, BodySpoolListener, TunnelStream, RequestStreamSource {
  readonly httpMajor = 2;
  readonly id: number;
  readonly #owner: StreamOwner;
  exchange: Exchange | null = null;
  /** True when HEAD was asked. */
  isHead = false;
  /** True for a request that the client should not have sent: its answer earns it nothing. */
  isAtFault = false;
  /** True when the client keeps trailers of the response. */
  takesTrailers = false;
  /** True once the client has ended its side: there is no more content. */
  isInputEnded = false;
  /** True once we have ended ours. */
  isOutputEnded = false;
  /** True once nothing more is read or written: the response has left, or the stream was reset. */
  isClosed = false;

  /** What Content-Length announced; -1 for nothing. */
  contentLength = -1;
  /** Content received, in bytes. */
  bodyBytes = 0;
  /** What the client may still send; `null` when it sends no content. */
  receiveWindow: ReceiveWindow | null = null;
  /** The request body, once it is whole and until it is taken. */
  #body: SpooledBody | null = null;
  #spool: BodySpool | null = null;
  #isSpoolFull = false;
  /** The content, where it is read while it arrives. */
  input: RequestStream | null = null;
  /** True while the client waits for 100 (Continue). */
  isContinueDue = false;

  /** What runs on the stream of an extended CONNECT, once it was accepted; until then it keeps what comes early. */
  tunnel: Http2Tunnel | null = null;

  /** What we may still send; negative after a change of SETTINGS (RFC 9113 §6.9.2). */
  sendWindow: number;
  /** Content of the response that waits for a window. */
  content: WaitingContent | null = null;
  /** True when nothing follows that content. */
  isContentEnd = false;
  /** What ends the stream behind that content; `null` where the content does. */
  trailers: FieldBlock | null = null;
  /** Told of content that no longer waits, where it follows in parts. */
  onTaken: ((byteCount: number) => void) | null = null;

  constructor(id: number, owner: StreamOwner, sendWindow: number) {
    this.id = id;
    this.#owner = owner;
    this.sendWindow = sendWindow;
  }

  /** True while the client may be told to send more. */
  get hasBodyRoom(): boolean {
    return !this.#isSpoolFull && this.input?.isHolding !== true;
  }

  /** Begins to store content until all of it is here. */
  openSpool(options: BodySpoolOptions, intake: "whole" | "file"): void {
    this.#spool = new BodySpool(options, this, intake);
  }

  /** Begins to hand content on as it arrives. */
  openInput(spool: BodySpoolOptions): void {
    this.input = new RequestStream(this, spool);
  }

  appendBody(bytes: Buffer, start: number, end: number): void {
    this.bodyBytes += end - start;
    this.#spool?.append(bytes, start, end);
    if (end > start) this.input?.append(bytes, start, end);
  }

  /** The client has sent all: `onBodyStored` follows where there is a body, now or when the disk has it. */
  endInput(): void {
    this.isInputEnded = true;
    this.#spool?.end();
    this.input?.end(this.exchange?.trailers ?? null);
    this.tunnel?.endInput();
  }

  /** Hands the whole body over, with the duty to dispose of it; `null` when there is none. */
  takeBody(): SpooledBody | null {
    const body = this.#body;
    this.#body = null;
    return body;
  }

  /** Lets go of a body that nobody has taken. */
  dispose(): void {
    this.#spool?.dispose();
    this.#spool = null;
    this.takeBody()?.dispose();
    this.input?.abort();
  }

  writeResponse(response: OutgoingResponse): void {
    this.#owner.respond(this, response);
  }

  writeRefusal(status: number, options: RefusalOptions | undefined): void {
    this.#owner.refuse(this, status, options);
  }

  writeInterim(head: OutgoingHead): void {
    this.#owner.interim(this, head);
  }

  beginBody(head: OutgoingHead, bodyByteLength: number, onTaken: (byteCount: number) => void): BodyWriter | null {
    this.onTaken = onTaken;
    return this.#owner.begin(this, head, bodyByteLength) ? this : null;
  }

  write(bytes: Buffer, start: number, end: number): void {
    this.#owner.write(this, bytes, start, end, false);
  }

  end(trailers: FieldBlock | null): void {
    if (this.takesTrailers) this.trailers = trailers;
    this.#owner.write(this, NO_BYTES, 0, 0, true);
  }

  abort(): void {
    this.#owner.abort(this, ERROR_CODE.internalError);
  }

  writeUpgrade(upgrade: Upgrade): void {
    this.#owner.upgrade(this, upgrade);
  }

  get waitingBytes(): number {
    return this.content === null ? 0 : this.content.byteLength;
  }

  send(bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    this.#owner.write(this, bytes, start, end, isEnd);
  }

  openWindow(): void {
    this.#owner.onBodyRoom(this);
  }

  cancel(): void {
    this.#owner.abort(this, ERROR_CODE.cancel);
  }

  fail(error: Error): void {
    this.#owner.onTunnelFailed(this, error);
  }

  onReadingBegun(): void {
    this.#owner.onBodyOpened(this);
  }

  onRoom(): void {
    this.#owner.onBodyAwaited(this);
  }

  onSpooled(body: SpooledBody): void {
    this.#spool = null;
    this.#body = body;
    this.#owner.onBodyStored(this);
  }

  onSpoolFull(): void {
    this.#isSpoolFull = true;
  }

  onSpoolDrained(): void {
    this.#isSpoolFull = false;
    this.#owner.onBodyRoom(this);
  }

  onSpoolFailed(error: Error): void {
    this.#spool = null;
    this.#owner.onBodyFailed(this, error);
  }
}
