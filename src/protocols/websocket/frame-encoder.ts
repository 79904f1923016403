import { assert } from "../../base/assert.ts";
import type { Arena } from "../../kernel/arena.ts";
import { CLOSE_CODE, CLOSE_REASON_BYTES_MAX, isCloseCode } from "./close-code.ts";
import { applyMask } from "./mask.ts";
import { BINARY, CLOSE, type ControlOpcode, type MessageKind, TEXT } from "./opcode.ts";

const FIN = 0x80;
const RSV1 = 0x40;
const MASK = 0x80;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

/** The header of a server's frame is at most this long. */
export const HEADER_BYTES_MAX = 10;

/** What a whole message's one frame says of it. */
export interface MessageFrame {
  readonly kind: MessageKind;
  /** True when the payload is deflated: RSV1. */
  readonly isCompressed: boolean;
}

/** Appends the header of a message of one frame, unmasked; `payloadBytes` of payload follow it. */
export function encodeMessageHeader(arena: Arena, { kind, isCompressed }: MessageFrame, payloadBytes: number): void {
  const opcode = kind === "text" ? TEXT : BINARY;
  encodeHeader(arena, isCompressed ? FIN | RSV1 | opcode : FIN | opcode, payloadBytes, 0);
}

/** Appends a whole control frame, unmasked. Its payload is at most 125 bytes. */
export function encodeControl(arena: Arena, opcode: ControlOpcode, bytes: Buffer, start: number, end: number): void {
  encodeHeader(arena, FIN | opcode, end - start, 0);
  arena.writeBytes(bytes, start, end);
}

/**
 * Appends a close frame, unmasked.
 *
 * @param code one that may be sent; 1005 stands for none, and then there is no reason either.
 * @param reason cut to what fits, at the end of a character.
 */
export function encodeClose(arena: Arena, code: number, reason: string): void {
  if (code === CLOSE_CODE.absent) {
    encodeHeader(arena, FIN | CLOSE, 0, 0);
    return;
  }
  assert(isCloseCode(code), "a close frame carries a code that may be sent");
  const reasonBytes = cutReason(reason);
  encodeHeader(arena, FIN | CLOSE, 2 + reasonBytes.length, 0);
  arena.writeUint16(code);
  arena.writeBytes(reasonBytes);
}

/** One frame as a client sends it; for any opcode, final or not, well formed or not. */
export interface ClientFrame {
  /** FIN, RSV1 to RSV3 and the opcode as they stand on the wire. */
  readonly firstOctet: number;
  /** The masking key as a 32-bit number, its first octet highest. */
  readonly key: number;
}

/** Appends a masked frame with the payload `bytes[start, end)`, which stays as it is. */
export function encodeClientFrame(
  arena: Arena,
  frame: ClientFrame,
  bytes: Uint8Array,
  start: number,
  end: number,
): void {
  encodeHeader(arena, frame.firstOctet, end - start, MASK);
  arena.writeUint32(frame.key);
  const payloadStart = arena.end;
  arena.writeBytes(bytes, start, end);
  applyMask(arena.bytes, payloadStart, arena.end, frame.key);
}

function encodeHeader(arena: Arena, firstOctet: number, payloadBytes: number, mask: 0 | typeof MASK): void {
  arena.reserve(HEADER_BYTES_MAX + 4);
  arena.writeUint8(firstOctet);
  if (payloadBytes < LENGTH_IN_16_BITS) {
    arena.writeUint8(mask | payloadBytes);
  } else if (payloadBytes <= 0xffff) {
    arena.writeUint8(mask | LENGTH_IN_16_BITS);
    arena.writeUint16(payloadBytes);
  } else {
    arena.writeUint8(mask | LENGTH_IN_64_BITS);
    arena.writeUint32(Math.floor(payloadBytes / 2 ** 32));
    arena.writeUint32(payloadBytes >>> 0);
  }
}

function cutReason(reason: string): Buffer {
  const bytes = Buffer.from(reason);
  if (bytes.length <= CLOSE_REASON_BYTES_MAX) return bytes;
  let end = CLOSE_REASON_BYTES_MAX;
  while ((bytes[end]! & 0xc0) === 0x80) end--;
  return bytes.subarray(0, end);
}
