import { assert } from "../../base/assert.ts";
import { Arena } from "../../kernel/arena.ts";
import type { Connection } from "../../kernel/connection.ts";
import type { FieldSink } from "../../protocols/hpack/field-sink.ts";
import { HpackDecoder } from "../../protocols/hpack/hpack-decoder.ts";
import { HpackError } from "../../protocols/hpack/hpack-error.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import { ERROR_CODE } from "../../protocols/http2/error-code.ts";
import { encodePing, encodeReset, encodeSettingsAck, encodeWindowUpdate } from "../../protocols/http2/frame-encoder.ts";
import type { FrameSink } from "../../protocols/http2/frame-sink.ts";
import { Http2ConnectionError, Http2StreamError } from "../../protocols/http2/http2-error.ts";
import { Http2Answers } from "./http2-answers.ts";
import type { Http2Context } from "./http2-context.ts";
import { Http2Farewell } from "./http2-farewell.ts";
import { Http2FloodGuard } from "./http2-flood-guard.ts";
import { Http2Requests } from "./http2-requests.ts";
import { Http2Sender } from "./http2-sender.ts";
import { Http2Stream } from "./http2-stream.ts";
import { Http2Streams } from "./http2-streams.ts";
import { ReceiveWindow } from "./receive-window.ts";

/** Bytes of unsent output above which no further frame is taken. */
const UNSENT_BYTES_MAX = 256 * 1024;

/** RFC 9113 §6.5.2: the table's size that every connection starts from, and that we leave as it is. */
const HEADER_TABLE_BYTES = 4_096;

/** Takes what only the HPACK table has to see. */
const discard: FieldSink = { text: new Arena(), isFull: true, onField: () => {} };

/**
 * What the frames of one connection mean to its streams. RFC 9113 §5 and §6.
 *
 * Invariants: every header block goes through the HPACK decoder, whatever becomes of its stream; there are never more streams than
 * `concurrentStreamCountMax`; what a client makes us do in vain is spent from the guard's allowances.
 */
export class Http2Session implements FrameSink {
  readonly #connection: Connection;
  readonly #context: Http2Context;
  readonly #hpack = new HpackDecoder(HEADER_TABLE_BYTES);
  readonly #receiveWindow: ReceiveWindow;
  readonly #guard: Http2FloodGuard;
  readonly #streams: Http2Streams;
  readonly #answers: Http2Answers;
  readonly #requests: Http2Requests;
  readonly sender: Http2Sender;
  readonly farewell: Http2Farewell;
  /** True once the connection has ended: no frame is taken any more. */
  #isEnded = false;

  /** @param onChange called when something was written, perhaps outside of a turn of the connection's own. */
  constructor(connection: Connection, context: Http2Context, onChange: () => void) {
    const { http2, deadlines, counters, spool, nowMs } = context;
    this.#connection = connection;
    this.#context = context;
    this.#receiveWindow = new ReceiveWindow(http2.connectionWindowBytes);
    const guard = new Http2FloodGuard(http2, nowMs);
    const dropContent = (stream: Http2Stream): void => this.sender.drop(stream);
    const streams = new Http2Streams({ counters, bodyMs: deadlines.bodyMs, dropContent });
    const onRequest = (stream: Http2Stream): void => this.#requests.complete(stream);
    const answers = new Http2Answers({ connection, context, guard, streams, onRequest, onChange });
    this.sender = new Http2Sender({
      connection,
      guard,
      owner: answers,
      stallMs: deadlines.writeMs,
      nowMs,
      memoryBytesMax: http2.sendBufferBytes,
      directory: spool.directory,
    });
    answers.sender = this.sender;
    this.#guard = guard;
    this.#streams = streams;
    this.#answers = answers;
    this.#requests = new Http2Requests({ connection, context, guard, streams, answers });
    this.farewell = new Http2Farewell(connection);
  }

  /** Streams whose request or response is under way. */
  get streamCount(): number {
    return this.#streams.count;
  }

  /** Requests begun so far. */
  get requestCount(): number {
    return this.#requests.count;
  }

  /** The last stream that was served, for a GOAWAY. */
  get lastStreamId(): number {
    return Math.min(this.#streams.lastId, this.farewell.lastStreamId);
  }

  /** When something of a stream is due or will have taken too long; `Infinity` when nothing is waited for. */
  get dueMs(): number {
    return Math.min(this.#streams.bodies.dueMs, this.sender.dueMs, this.#answers.dueMs);
  }

  get isFull(): boolean {
    const connection = this.#connection;
    if (this.#isEnded) return true;
    if (connection.outputBytes <= UNSENT_BYTES_MAX) return false;
    connection.flush();
    return connection.isAboveHighWater;
  }

  /** Ends what takes too long, but for the connection itself. @throws {Http2ConnectionError} */
  expire(nowMs: number): void {
    const { counters } = this.#context;
    const { bodies } = this.#streams;
    this.#answers.expire(nowMs);
    for (let stream = bodies.takeExpired(nowMs); stream !== null; stream = bodies.takeExpired(nowMs)) {
      counters.timedOut++;
      const message = "Cannot read a request: its body took too long, read_timeout bounds it";
      this.#requests.refuse(stream, new HttpError("VILYA_HTTP_TIMEOUT", 408, message));
    }
    for (let stream = this.sender.takeStalled(nowMs); stream !== null; stream = this.sender.takeStalled(nowMs)) {
      counters.timedOut++;
      const message = "Cannot send a response: its stream's window stayed shut, write_timeout bounds that";
      this.reset(new Http2StreamError(stream.id, ERROR_CODE.cancel, message));
    }
  }

  /** Does what waited for room, as far as there is any: at the end of every turn in which something may have changed. */
  settle(): void {
    this.sender.flush();
    this.#requests.releaseHeld();
  }

  /** The client has ended its side of the connection: what is not whole never will be, and of the rest the app says what is worth answering. */
  endInput(): void {
    for (const stream of this.#streams.values()) {
      const { exchange, tunnel, isInputEnded } = stream;
      if (tunnel !== null) tunnel.endInput();
      else if (!isInputEnded || exchange?.isEnded === false) this.#endRequestInput(stream);
    }
  }

  /** The connection is gone or going: nobody waits for anything any more. */
  end(): void {
    this.#isEnded = true;
    this.#streams.abandonAll();
  }

  /** The second step of leaving. */
  sendFarewell(): void {
    this.farewell.finish(this.#streams.lastId);
  }

  /** Resets a stream because of what its client did. @throws {Http2ConnectionError} when that happens too often. */
  reset({ streamId, errorCode }: Http2StreamError): void {
    encodeReset(this.#connection.output(), streamId, errorCode);
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.#streams.abandon(stream, "reset-by-us");
    else this.#streams.noteReset(streamId);
    this.#guard.spendReset();
  }

  onHeaders(streamId: number, isEndStream: boolean, bytes: Buffer, start: number, end: number): void {
    const streams = this.#streams;
    const stream = streams.get(streamId);
    if (stream !== undefined && !stream.isInputEnded) {
      const { trailers } = this.#context;
      trailers.start(streamId);
      this.#decodeBlock(bytes, start, end, trailers);
      this.#requests.takeTrailers(stream, isEndStream);
    } else if (streamId > streams.lastId && streamId % 2 === 1) {
      streams.lastId = streamId;
      this.#openStream(streamId, isEndStream, bytes, start, end);
    } else {
      this.#decodeBlock(bytes, start, end, discard);
      if (stream !== undefined) throw streamClosed(streamId);
      if (!this.#isIgnored(streamId)) throw this.#unexpected(streamId, "HEADERS");
    }
  }

  onData(streamId: number, isEndStream: boolean, bytes: Buffer, start: number, end: number, flowBytes: number): void {
    this.#takeFromConnectionWindow(flowBytes);
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (this.#isIgnored(streamId)) return;
      if (this.#streams.isIdle(streamId)) throw this.#unexpected(streamId, "DATA");
      throw streamClosed(streamId);
    }
    if (stream.isInputEnded) throw streamClosed(streamId);
    assert(stream.receiveWindow !== null, "a stream that may send content has a window");
    if (!stream.receiveWindow.take(flowBytes)) throw overdrawn(streamId);
    if (start === end && !isEndStream) this.#guard.spendIdleFrame();
    this.#guard.earnByContent(end - start);
    this.#requests.takeContent(stream, bytes, start, end, isEndStream);
  }

  onReset(streamId: number): void {
    const stream = this.#streams.get(streamId);
    if (stream === undefined) {
      if (this.#streams.isIdle(streamId)) throw this.#unexpected(streamId, "RST_STREAM");
      this.#guard.spendIdleFrame();
      return;
    }
    this.#streams.abandon(stream);
    this.#guard.spendReset();
  }

  onSettings(bytes: Buffer, start: number, end: number): void {
    this.#guard.spendIdleFrame();
    this.sender.applySettings(bytes, start, end, this.#streams.values());
    encodeSettingsAck(this.#connection.output());
  }

  onPing(bytes: Buffer, start: number): void {
    this.#guard.spendIdleFrame();
    encodePing(this.#connection.output(), true, bytes, start);
  }

  onPingAck(bytes: Buffer, start: number): void {
    this.#guard.spendIdleFrame();
    if (this.farewell.isAnsweredBy(bytes, start)) this.sendFarewell();
  }

  /** The client accepts no streams of ours, of which there are none, and closes the connection itself. RFC 9113 §6.8. */
  onGoaway(): void {
    this.#guard.spendIdleFrame();
  }

  onWindowUpdate(streamId: number, increment: number): void {
    this.#guard.spendWindow();
    if (streamId === 0) {
      this.sender.enlargeConnectionWindow(increment);
      return;
    }
    const stream = this.#streams.get(streamId);
    if (stream !== undefined) this.sender.enlargeWindow(stream, increment);
    else if (this.#streams.isIdle(streamId)) throw this.#unexpected(streamId, "WINDOW_UPDATE");
  }

  onIdleFrame(): void {
    this.#guard.spendIdleFrame();
  }

  #openStream(streamId: number, isEndStream: boolean, bytes: Buffer, start: number, end: number): void {
    const { section, http2, isDraining } = this.#context;
    if (this.farewell.isFinal) {
      this.#decodeBlock(bytes, start, end, discard); // The client will see that it was not served, and ask elsewhere.
      return;
    }
    if (this.#streams.count >= http2.concurrentStreamCountMax) {
      this.#decodeBlock(bytes, start, end, discard);
      throw refusedStream(streamId, http2.concurrentStreamCountMax);
    }
    section.start(streamId);
    this.#decodeBlock(bytes, start, end, section);
    const stream = new Http2Stream(streamId, this.#answers, this.sender.initialWindowBytes);
    stream.isInputEnded = isEndStream;
    this.#requests.begin(stream);
    if (!stream.isClosed) this.#streams.add(stream);
    if (isDraining) this.farewell.announce();
  }

  #endRequestInput(stream: Http2Stream): void {
    if (stream.isInputEnded && stream.exchange?.handler.onClientEnd() === "answer") return;
    this.#streams.abandon(stream);
  }

  #decodeBlock(bytes: Buffer, start: number, end: number, sink: FieldSink): void {
    try {
      this.#hpack.decode(bytes, start, end, sink);
    } catch (error) {
      if (!(error instanceof HpackError)) throw error;
      throw new Http2ConnectionError(ERROR_CODE.compressionError, error.message, { cause: error });
    }
  }

  #takeFromConnectionWindow(flowBytes: number): void {
    if (!this.#receiveWindow.take(flowBytes)) {
      const message = "Cannot take a DATA frame: it exceeds the connection's window, connection_window bounds it";
      throw new Http2ConnectionError(ERROR_CODE.flowControlError, message);
    }
    const increment = this.#receiveWindow.reopen();
    if (increment > 0) encodeWindowUpdate(this.#connection.output(), 0, increment);
  }

  /** True for a stream whose frames the client sent before it could know that nobody reads them. */
  #isIgnored(streamId: number): boolean {
    if (this.#streams.isIdle(streamId)) return false;
    return streamId > this.farewell.lastStreamId || this.#streams.endOf(streamId) === "reset-by-us";
  }

  /** RFC 9113 §5.1: what an ended or an idle stream may not get. */
  #unexpected(streamId: number, name: string): Http2ConnectionError {
    const isEnded = this.#streams.endOf(streamId) === "ended";
    const errorCode = isEnded ? ERROR_CODE.streamClosed : ERROR_CODE.protocolError;
    const state = isEnded ? "has ended" : "is not open";
    return new Http2ConnectionError(errorCode, `Cannot take a ${name} frame: stream ${streamId} ${state}`);
  }
}

function streamClosed(streamId: number): Http2StreamError {
  const message = "Cannot take a frame: its stream has been ended by the client, nothing follows END_STREAM";
  return new Http2StreamError(streamId, ERROR_CODE.streamClosed, message);
}

function overdrawn(streamId: number): Http2StreamError {
  const message = "Cannot take a DATA frame: it exceeds the stream's window, stream_window bounds it";
  return new Http2StreamError(streamId, ERROR_CODE.flowControlError, message);
}

function refusedStream(streamId: number, countMax: number): Http2StreamError {
  const message = `Cannot open a stream: max_concurrent_streams are open, ${countMax} are allowed`;
  return new Http2StreamError(streamId, ERROR_CODE.refusedStream, message);
}
