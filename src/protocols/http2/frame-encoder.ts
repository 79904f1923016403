import type { Arena } from "../../kernel/arena.ts";
import type { ErrorCode } from "./error-code.ts";
import { FRAME_FLAG, FRAME_HEADER_BYTES, FRAME_TYPE } from "./frame.ts";

const PING_BYTES = 8;

/** Appends a frame's header; its payload of `length` bytes follows. RFC 9113 §4.1. */
export function encodeFrameHeader(arena: Arena, length: number, type: number, flags: number, streamId: number): void {
  arena.reserve(FRAME_HEADER_BYTES);
  const { bytes, end } = arena;
  bytes[end] = length >>> 16;
  bytes[end + 1] = length >>> 8;
  bytes[end + 2] = length;
  bytes[end + 3] = type;
  bytes[end + 4] = flags;
  arena.setUint32(end + 5, streamId);
  arena.end = end + FRAME_HEADER_BYTES;
}

/** Fills in the payload length of the frame whose header is at `headerOffset` and whose payload ends the arena. */
export function patchFrameLength(arena: Arena, headerOffset: number): void {
  const length = arena.end - headerOffset - FRAME_HEADER_BYTES;
  arena.bytes[headerOffset] = length >>> 16;
  arena.bytes[headerOffset + 1] = length >>> 8;
  arena.bytes[headerOffset + 2] = length;
}

/** Appends SETTINGS with these parameters. RFC 9113 §6.5. */
export function encodeSettings(arena: Arena, settings: readonly (readonly [id: number, value: number])[]): void {
  encodeFrameHeader(arena, settings.length * 6, FRAME_TYPE.settings, 0, 0);
  for (const [id, value] of settings) {
    arena.writeUint16(id);
    arena.writeUint32(value);
  }
}

/** Appends the answer to every SETTINGS of the peer but an answer. RFC 9113 §6.5.3. */
export function encodeSettingsAck(arena: Arena): void {
  encodeFrameHeader(arena, 0, FRAME_TYPE.settings, FRAME_FLAG.ack, 0);
}

/** Appends a PING, or the answer to one, with the eight octets at `source[start]`. RFC 9113 §6.7. */
export function encodePing(arena: Arena, isAck: boolean, source: Buffer, start: number): void {
  encodeFrameHeader(arena, PING_BYTES, FRAME_TYPE.ping, isAck ? FRAME_FLAG.ack : 0, 0);
  arena.writeBytes(source, start, start + PING_BYTES);
}

/** Appends a GOAWAY without debug data. Streams above `lastStreamId` have not been and will not be served. RFC 9113 §6.8. */
export function encodeGoaway(arena: Arena, lastStreamId: number, errorCode: ErrorCode): void {
  encodeFrameHeader(arena, 8, FRAME_TYPE.goaway, 0, 0);
  arena.writeUint32(lastStreamId);
  arena.writeUint32(errorCode);
}

/** RFC 9113 §6.4. */
export function encodeReset(arena: Arena, streamId: number, errorCode: ErrorCode): void {
  encodeFrameHeader(arena, 4, FRAME_TYPE.rstStream, 0, streamId);
  arena.writeUint32(errorCode);
}

/** @param streamId 0 for the connection's window. @param increment 1 to 2^31 - 1. RFC 9113 §6.9. */
export function encodeWindowUpdate(arena: Arena, streamId: number, increment: number): void {
  encodeFrameHeader(arena, 4, FRAME_TYPE.windowUpdate, 0, streamId);
  arena.writeUint32(increment);
}
