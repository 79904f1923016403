import type { Codec } from "../../kernel/codec.ts";
import type { Segments } from "../../kernel/segments.ts";
import { ERROR_CODE, type ErrorCode } from "./error-code.ts";
import {
  FRAME_FLAG,
  FRAME_HEADER_BYTES,
  FRAME_PAYLOAD_BYTES,
  FRAME_TYPE,
  PREFACE,
  readUint31,
  readUint32,
} from "./frame.ts";
import type { FrameSink } from "./frame-sink.ts";
import { HeaderBlock } from "./header-block.ts";
import { Http2ConnectionError, Http2StreamError } from "./http2-error.ts";

const PRIORITY_BYTES = 5;
const RST_STREAM_BYTES = 4;
const SETTING_BYTES = 6;
const PING_BYTES = 8;
const GOAWAY_BYTES_MIN = 8;
const WINDOW_UPDATE_BYTES = 4;

// Where in a frame's header these are. RFC 9113 §4.1.
const TYPE_AT = 3;
const FLAGS_AT = 4;
const STREAM_ID_AT = 5;

/**
 * Decodes what a client sends: the preface, SETTINGS first, then frames (RFC 9113 §3.4, §4 and §6).
 *
 * Invariants: a frame is refused by its header, before its payload is waited for, when it is larger than we announced or may not stand where
 * it stands; a header block reaches the sink whole, however many frames it came in, and nothing stands inside it (§6.10). The decoder knows
 * frames and no streams: whether a stream takes a frame is for the sink to say.
 */
export class FrameDecoder implements Codec<FrameSink> {
  readonly #block: HeaderBlock;
  #phase: "preface" | "settings" | "frames" = "preface";
  /** Frames and header blocks decoded so far, a block of several frames counted once. */
  unitCount = 0;

  /** @param blockBytesMax of one encoded header block, all its frames together. */
  constructor(blockBytesMax: number) {
    this.#block = new HeaderBlock(blockBytesMax);
  }

  /**
   * True while a frame or a header block has begun that is no content: what a client may take `headMs` for. A frame of content that is not
   * there yet is bounded by the time its body may take.
   */
  isHeadUnfinished(segments: Segments): boolean {
    if (this.#block.isOpen) return true;
    const { bytes, start, byteLength } = segments;
    if (byteLength === 0) return this.#phase !== "frames";
    return this.#phase !== "frames" || byteLength <= TYPE_AT || bytes[start + TYPE_AT] !== FRAME_TYPE.data;
  }

  /** @throws {Http2ConnectionError} or {Http2StreamError}; after the latter decoding goes on behind the frame. */
  decode(segments: Segments, sink: FrameSink): void {
    if (this.#phase === "preface" && !this.#readPreface(segments)) return;
    while (!sink.isFull && this.#readFrame(segments, sink)) {
      // Each round consumes a frame.
    }
  }

  #readPreface(segments: Segments): boolean {
    const { bytes, start, end } = segments;
    const count = Math.min(end - start, PREFACE.length);
    for (let i = 0; i < count; i++) {
      if (bytes[start + i] !== PREFACE[i]) throw protocolError("the connection", "it does not start with the preface");
    }
    if (count < PREFACE.length) return false;
    segments.consume(count);
    this.#phase = "settings";
    return true;
  }

  /** Returns whether there was a whole frame. */
  #readFrame(segments: Segments, sink: FrameSink): boolean {
    const { bytes, start, end } = segments;
    if (end - start < FRAME_HEADER_BYTES) return false;
    const length = (bytes[start]! << 16) | (bytes[start + 1]! << 8) | bytes[start + 2]!;
    const type = bytes[start + TYPE_AT]!;
    const flags = bytes[start + FLAGS_AT]!;
    const streamId = readUint31(bytes, start + STREAM_ID_AT);
    if (length > FRAME_PAYLOAD_BYTES) {
      throw frameSizeError(`a payload of ${length} bytes`, `SETTINGS_MAX_FRAME_SIZE allows ${FRAME_PAYLOAD_BYTES}`);
    }
    if (this.#phase === "settings") this.#expectSettings(type, flags);
    if (this.#block.isOpen && (type !== FRAME_TYPE.continuation || streamId !== this.#block.streamId)) {
      throw protocolError("a frame", "it stands inside a header block, where only its CONTINUATION frames do");
    }
    const frameEnd = start + FRAME_HEADER_BYTES + length;
    if (frameEnd > end) return false;
    // Before the sink is called: what it throws leaves the segments behind the frame, whose octets stay reachable by `bytes`.
    segments.consume(FRAME_HEADER_BYTES + length);
    const isContinued =
      (type === FRAME_TYPE.headers || type === FRAME_TYPE.continuation) && (flags & FRAME_FLAG.endHeaders) === 0;
    if (!isContinued) this.unitCount++;
    this.#dispatch(sink, bytes, start, frameEnd);
    return true;
  }

  /** Takes the whole frame from `headerStart` to `end`. */
  #dispatch(sink: FrameSink, bytes: Buffer, headerStart: number, end: number): void {
    const flags = bytes[headerStart + FLAGS_AT]!;
    const streamId = readUint31(bytes, headerStart + STREAM_ID_AT);
    const start = headerStart + FRAME_HEADER_BYTES;
    switch (bytes[headerStart + TYPE_AT]) {
      case FRAME_TYPE.headers:
        this.#readHeaders(sink, flags, streamId, bytes, start, end);
        return;
      case FRAME_TYPE.data: {
        onStream(streamId, "DATA");
        const isEndStream = (flags & FRAME_FLAG.endStream) !== 0;
        const contentStart = (flags & FRAME_FLAG.padded) === 0 ? start : start + 1;
        const contentEnd = endOfPadded(flags, bytes, start, end);
        sink.onData(streamId, isEndStream, bytes, contentStart, contentEnd, end - start);
        return;
      }
      case FRAME_TYPE.windowUpdate: {
        expectLength(end - start, WINDOW_UPDATE_BYTES, "WINDOW_UPDATE");
        const increment = readUint31(bytes, start);
        if (increment === 0) throw zeroIncrement(streamId);
        sink.onWindowUpdate(streamId, increment);
        return;
      }
      case FRAME_TYPE.rstStream:
        onStream(streamId, "RST_STREAM");
        expectLength(end - start, RST_STREAM_BYTES, "RST_STREAM");
        sink.onReset(streamId, readUint32(bytes, start));
        return;
      case FRAME_TYPE.settings:
        onConnection(streamId, "SETTINGS");
        this.#readSettings(sink, flags, bytes, start, end);
        return;
      case FRAME_TYPE.ping:
        onConnection(streamId, "PING");
        expectLength(end - start, PING_BYTES, "PING");
        if ((flags & FRAME_FLAG.ack) === 0) sink.onPing(bytes, start);
        else sink.onPingAck(bytes, start);
        return;
      case FRAME_TYPE.goaway:
        onConnection(streamId, "GOAWAY");
        if (end - start < GOAWAY_BYTES_MIN) throw frameSizeError("a GOAWAY that is too short", "it has eight octets");
        sink.onGoaway(readUint32(bytes, start + 4));
        return;
      case FRAME_TYPE.priority:
        onStream(streamId, "PRIORITY");
        if (end - start !== PRIORITY_BYTES) {
          throw new Http2StreamError(streamId, ERROR_CODE.frameSizeError, badLength("PRIORITY", PRIORITY_BYTES));
        }
        refuseSelfDependency(streamId, bytes, start);
        sink.onIdleFrame();
        return;
      case FRAME_TYPE.continuation:
        this.#readContinuation(sink, flags, bytes, start, end);
        return;
      case FRAME_TYPE.pushPromise:
        throw protocolError("a PUSH_PROMISE frame", "a client pushes nothing");
      default:
        sink.onIdleFrame(); // RFC 9113 §5.5: what is not known is ignored.
    }
  }

  #readHeaders(sink: FrameSink, flags: number, streamId: number, bytes: Buffer, start: number, end: number): void {
    onStream(streamId, "HEADERS");
    let blockStart = (flags & FRAME_FLAG.padded) === 0 ? start : start + 1;
    const blockEnd = endOfPadded(flags, bytes, start, end);
    if ((flags & FRAME_FLAG.priority) !== 0) {
      if (blockEnd - blockStart < PRIORITY_BYTES)
        throw frameSizeError("a HEADERS without its priority", "it has five octets");
      refuseSelfDependency(streamId, bytes, blockStart);
      blockStart += PRIORITY_BYTES;
    }
    const isEndStream = (flags & FRAME_FLAG.endStream) !== 0;
    if ((flags & FRAME_FLAG.endHeaders) !== 0) sink.onHeaders(streamId, isEndStream, bytes, blockStart, blockEnd);
    else this.#block.open(streamId, isEndStream, bytes, blockStart, blockEnd);
  }

  #readContinuation(sink: FrameSink, flags: number, bytes: Buffer, start: number, end: number): void {
    const block = this.#block;
    if (!block.isOpen) throw protocolError("a CONTINUATION frame", "no header block is unfinished");
    block.append(bytes, start, end);
    sink.onIdleFrame();
    if ((flags & FRAME_FLAG.endHeaders) !== 0) block.close(sink);
  }

  #readSettings(sink: FrameSink, flags: number, bytes: Buffer, start: number, end: number): void {
    if ((flags & FRAME_FLAG.ack) !== 0) {
      expectLength(end - start, 0, "SETTINGS acknowledgement");
      sink.onIdleFrame();
      return;
    }
    if ((end - start) % SETTING_BYTES !== 0) {
      throw frameSizeError("a SETTINGS frame with half a parameter", "each has six octets");
    }
    this.#phase = "frames";
    sink.onSettings(bytes, start, end);
  }

  #expectSettings(type: number, flags: number): void {
    if (type === FRAME_TYPE.settings && (flags & FRAME_FLAG.ack) === 0) return;
    throw protocolError("the connection", "the preface is not followed by SETTINGS");
  }
}

/** The end of a payload without its padding; its start is one octet later then. RFC 9113 §6.1. */
function endOfPadded(flags: number, bytes: Buffer, start: number, end: number): number {
  if ((flags & FRAME_FLAG.padded) === 0) return end;
  if (start === end) throw frameSizeError("a padded frame without a pad length", "it has one octet");
  const contentEnd = end - bytes[start]!;
  if (contentEnd <= start) throw protocolError("a padded frame", "its padding is longer than its payload");
  return contentEnd;
}

/** RFC 7540 §5.3.1. Priorities are ignored here, but who sends this has lost count of its streams. */
function refuseSelfDependency(streamId: number, bytes: Buffer, at: number): void {
  if (readUint31(bytes, at) === streamId) throw protocolError("a priority", "its stream depends on itself");
}

function onStream(streamId: number, name: string): void {
  if (streamId === 0)
    throw protocolError(`a ${name} frame`, "it is on stream 0, where only the connection's frames are");
}

function onConnection(streamId: number, name: string): void {
  if (streamId !== 0) throw protocolError(`a ${name} frame`, `it is on stream ${streamId}, it belongs to stream 0`);
}

function expectLength(length: number, expected: number, name: string): void {
  if (length !== expected) throw new Http2ConnectionError(ERROR_CODE.frameSizeError, badLength(name, expected));
}

function badLength(name: string, expected: number): string {
  return `Cannot decode a ${name} frame: its length is wrong, it has ${expected} octets`;
}

function zeroIncrement(streamId: number): Error {
  const message = "Cannot enlarge a window: the increment is 0, it is at least 1";
  const code: ErrorCode = ERROR_CODE.protocolError;
  return streamId === 0 ? new Http2ConnectionError(code, message) : new Http2StreamError(streamId, code, message);
}

function protocolError(subject: string, state: string): Http2ConnectionError {
  return new Http2ConnectionError(ERROR_CODE.protocolError, `Cannot take ${subject}: ${state}`);
}

function frameSizeError(state: string, allowed: string): Http2ConnectionError {
  return new Http2ConnectionError(ERROR_CODE.frameSizeError, `Cannot decode a frame: ${state}, ${allowed}`);
}
