import { assert } from "../../base/assert.ts";
import type { Connection } from "../../kernel/connection.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { ERROR_CODE, type ErrorCode } from "../../protocols/http2/error-code.ts";
import { encodeReset, encodeWindowUpdate } from "../../protocols/http2/frame-encoder.ts";
import { encodeInterim, type OwnFields } from "../../protocols/http2/response-encoder.ts";
import type { Http2Context } from "./http2-context.ts";
import type { Http2FloodGuard } from "./http2-flood-guard.ts";
import { Http2LateResets } from "./http2-late-resets.ts";
import { sendHead, sendRefusal, sendResponse } from "./http2-response.ts";
import type { Http2Sender, SenderOwner } from "./http2-sender.ts";
import type { Http2Stream, StreamOwner } from "./http2-stream.ts";
import type { Http2Streams } from "./http2-streams.ts";
import type { OutgoingHead, OutgoingResponse, RefusalOptions, Upgrade } from "../response-writer.ts";

export interface Http2AnswersOptions {
  readonly connection: Connection;
  readonly context: Http2Context;
  readonly guard: Http2FloodGuard;
  readonly streams: Http2Streams;
  /** A request is whole. */
  readonly onRequest: (stream: Http2Stream) => void;
  /** Something was written, perhaps outside of a turn of the connection's own. */
  readonly onChange: () => void;
}

/**
 * What the app and the disk have to say about the streams of one connection: answers, whole or in parts, and room for more of a body.
 *
 * Invariant: nothing is written on a stream that is closed, and a stream is closed as soon as its answer has left.
 */
export class Http2Answers implements StreamOwner, SenderOwner {
  readonly #options: Http2AnswersOptions;
  readonly #lateResets = new Http2LateResets();
  /** Set once, when both exist. */
  sender!: Http2Sender;

  constructor(options: Http2AnswersOptions) {
    this.#options = options;
  }

  respond(stream: Http2Stream, response: OutgoingResponse): void {
    if (!this.#begin(stream)) return;
    const { connection, context } = this.#options;
    if (!sendResponse(connection, this.sender, stream, response, context.altSvc)) this.onContentSent(stream);
    this.#options.onChange();
  }

  refuse(stream: Http2Stream, status: number, options: RefusalOptions | undefined): void {
    if (!this.#begin(stream)) return;
    this.sendRefusal(stream, status, options);
    this.#options.onChange();
  }

  /** As `refuse`, for a request that the client should not have sent: it earns nothing by it. */
  sendRefusal(stream: Http2Stream, status: number, options: RefusalOptions = {}): void {
    const { connection, context } = this.#options;
    const hasContent = sendRefusal(connection, this.sender, stream, status, options, context.altSvc);
    if (!hasContent) this.onContentSent(stream);
  }

  interim(stream: Http2Stream, { status, fields }: OutgoingHead): void {
    if (!stream.isClosed) this.#sendInterim(stream.id, status, fields);
  }

  begin(stream: Http2Stream, head: OutgoingHead, bodyByteLength: number): boolean {
    if (!this.#begin(stream)) return false;
    const { connection, context } = this.#options;
    const announced = stream.takesTrailers ? head.fields.get("trailer") : null;
    const ownFields: OwnFields = announced === null ? [] : [["trailer", announced]];
    // Of what has trailers behind it the content alone does not end the stream, not even where there is none.
    const byteLength = announced === null ? bodyByteLength : -1;
    const hasContent = sendHead(
      connection,
      this.sender,
      stream,
      { ...head, altSvc: context.altSvc },
      byteLength,
      ownFields,
    );
    if (!hasContent) this.onContentSent(stream);
    this.#options.onChange();
    return hasContent;
  }

  write(stream: Http2Stream, bytes: Buffer, start: number, end: number, isEnd: boolean): void {
    if (stream.isClosed) return;
    this.sender.send(stream, bytes, start, end, isEnd);
    this.#options.onChange();
  }

  /** A reset is the one thing that tells a client from a clean end. RFC 9113 §8.1.1. */
  abort(stream: Http2Stream, errorCode: ErrorCode): void {
    if (stream.isClosed) return;
    encodeReset(this.#options.connection.output(), stream.id, errorCode);
    this.#options.streams.close(stream, "reset-by-us", "local");
    this.#options.onChange();
  }

  /** Accepts an extended CONNECT: what both sides send from now on is another protocol's. RFC 8441 §5. */
  upgrade(stream: Http2Stream, { fields, ownFields, takeOver }: Upgrade): void {
    const { tunnel } = stream;
    assert(tunnel !== null, "only an extended CONNECT asks for another protocol");
    if (!this.#begin(stream)) return;
    sendHead(this.#options.connection, this.sender, stream, { status: 200, fields, altSvc: null }, -1, ownFields);
    stream.onTaken = () => tunnel.onTaken();
    tunnel.start(takeOver);
    this.#options.onChange();
  }

  onTunnelFailed(stream: Http2Stream, error: Error): void {
    this.#options.context.log.error("stream handler failed", { error });
    this.abort(stream, ERROR_CODE.internalError);
  }

  /** The answer has left. A client that is still sending is asked to stop, a little later: nobody reads it. RFC 9113 §8.1. */
  onContentSent(stream: Http2Stream): void {
    const { context, streams } = this.#options;
    stream.isOutputEnded = true;
    if (stream.isInputEnded) {
      streams.close(stream, "ended", "local");
    } else if (stream.tunnel?.isLingering !== true) {
      streams.close(stream, "reset-by-us", "local");
      this.#askToStop(this.#lateResets.add(stream.id, context.nowMs()));
    }
  }

  /** When the next client that is still sending is to be asked to stop. */
  get dueMs(): number {
    return this.#lateResets.dueMs;
  }

  /** Asks those to stop whose answers have had their head start. */
  expire(nowMs: number): void {
    for (let id = this.#lateResets.takeDue(nowMs); id !== 0; id = this.#lateResets.takeDue(nowMs)) this.#askToStop(id);
  }

  onContentLost(stream: Http2Stream, error: Error): void {
    const { counters, log, spool } = this.#options.context;
    counters.spoolFailures++;
    log.error("response cannot be stored", { directory: spool.directory, error });
    this.abort(stream, ERROR_CODE.internalError);
  }

  onBodyStored(stream: Http2Stream): void {
    this.#options.onRequest(stream);
  }

  onBodyRoom(stream: Http2Stream): void {
    if (stream.isInputEnded || stream.isClosed || !stream.hasBodyRoom) return;
    const increment = stream.receiveWindow?.reopen() ?? 0;
    if (increment > 0) encodeWindowUpdate(this.#options.connection.output(), stream.id, increment);
  }

  /** RFC 9110 §10.1.1. */
  onBodyOpened(stream: Http2Stream): void {
    if (stream.isContinueDue && stream.bodyBytes === 0 && !stream.isInputEnded && !stream.isClosed) {
      this.#sendInterim(stream.id, 100, null);
    }
    stream.isContinueDue = false;
  }

  onBodyAwaited(stream: Http2Stream): void {
    if (stream.isInputEnded || stream.isClosed) return;
    const { streams, context, onChange } = this.#options;
    streams.bodies.set(stream, context.nowMs());
    this.onBodyRoom(stream);
    onChange();
  }

  onBodyFailed(stream: Http2Stream, error: Error): void {
    const { counters, log, spool } = this.#options.context;
    counters.spoolFailures++;
    log.error("request body cannot be stored", { directory: spool.directory, error });
    stream.exchange?.refuse(503, { retryAfterS: 1 });
  }

  #sendInterim(streamId: number, status: number, fields: FieldBlock | null): void {
    const isTableDenied = this.sender.takeTableNotice();
    encodeInterim(this.#options.connection.output(), { streamId, isTableDenied, status, fields });
  }

  #askToStop(streamId: number): void {
    if (streamId !== 0) encodeReset(this.#options.connection.output(), streamId, ERROR_CODE.noError);
  }

  /** Returns whether the stream may be answered. */
  #begin(stream: Http2Stream): boolean {
    if (stream.isClosed) return false;
    this.#options.context.counters.responses++;
    if (!stream.isAtFault) this.#options.guard.earnByAnswer();
    return true;
  }
}
