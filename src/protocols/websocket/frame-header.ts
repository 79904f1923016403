import type { Segments } from "../../kernel/segments.ts";
import { CONTINUATION, CONTROL_PAYLOAD_BYTES_MAX, type Opcode, PONG, BINARY, CLOSE } from "./opcode.ts";
import { badFrame } from "./websocket-error.ts";

const FIN = 0x80;
const RSV1 = 0x40;
const RSV2_RSV3 = 0x30;
const OPCODE_BITS = 0x0f;
const MASK = 0x80;
const LENGTH_BITS = 0x7f;
const LENGTH_IN_16_BITS = 126;
const LENGTH_IN_64_BITS = 127;

/** Which side sends: clients mask what they send, servers do not. RFC 6455 §5.1. */
export type Sender = "client" | "server";

/**
 * The header of one frame. RFC 6455 §5.2.
 *
 * Invariant: after `decode` has returned true it is well formed by itself: no reserved opcode or bit, masked as its sender has to, its
 * length written in the shortest way, a control frame whole and small. What it may follow is its reader's concern.
 */
export class FrameHeader {
  isFinal = false;
  /** RSV1, which begins a compressed message (RFC 7692 §6). Never set on a control frame or a continuation. */
  isCompressed = false;
  opcode: Opcode = CONTINUATION;
  /** 0 to 2^53 - 1. */
  payloadBytes = 0;
  /** The masking key, its first octet highest; 0, which changes nothing, for a frame that is not masked. */
  key = 0;

  get isControl(): boolean {
    return this.opcode >= CLOSE;
  }

  /**
   * Reads and consumes a header, or consumes nothing while it is incomplete and returns false.
   *
   * @throws {WebSocketError} 1002, as soon as the octet that is wrong has arrived.
   */
  decode(segments: Segments, sender: Sender): boolean {
    const { bytes, start, end } = segments;
    if (start === end) return false;
    this.#readFirstOctet(bytes[start]!);
    if (start + 1 === end) return false;
    const second = bytes[start + 1]!;
    const isMasked = (second & MASK) !== 0;
    if (isMasked !== (sender === "client")) throw wronglyMasked(sender);
    const length = second & LENGTH_BITS;
    if (this.isControl && length > CONTROL_PAYLOAD_BYTES_MAX) {
      throw badFrame("a control frame has a long payload", `${CONTROL_PAYLOAD_BYTES_MAX} bytes is the most allowed`);
    }
    const lengthEnd = start + 2 + extendedLengthBytes(length);
    if (lengthEnd > end) return false;
    this.payloadBytes = length < LENGTH_IN_16_BITS ? length : readExtendedLength(bytes, start + 2, length);
    const headerEnd = isMasked ? lengthEnd + 4 : lengthEnd;
    if (headerEnd > end) return false;
    this.key = isMasked ? readInt32(bytes, lengthEnd) : 0;
    segments.consume(headerEnd - start);
    return true;
  }

  #readFirstOctet(octet: number): void {
    const opcode = octet & OPCODE_BITS;
    if ((octet & RSV2_RSV3) !== 0) throw badFrame("a reserved bit is set", "nobody has agreed on its meaning");
    if (opcode > PONG || (opcode > BINARY && opcode < CLOSE)) {
      throw badFrame(`its opcode is ${opcode}`, "this opcode is reserved");
    }
    this.isFinal = (octet & FIN) !== 0;
    this.isCompressed = (octet & RSV1) !== 0;
    this.opcode = opcode as Opcode;
    if (opcode >= CLOSE && !this.isFinal) throw badFrame("a control frame is a fragment", "it comes whole");
    if (this.isCompressed && (opcode >= CLOSE || opcode === CONTINUATION)) {
      throw badFrame("RSV1 is set on it", "only the first frame of a message may have it set");
    }
  }
}

function extendedLengthBytes(length: number): number {
  if (length < LENGTH_IN_16_BITS) return 0;
  return length === LENGTH_IN_64_BITS ? 8 : 2;
}

/** "The minimal number of bytes MUST be used to encode the length": RFC 6455 §5.2. */
function readExtendedLength(bytes: Buffer, at: number, length: number): number {
  if (length === LENGTH_IN_16_BITS) {
    const short = (bytes[at]! << 8) | bytes[at + 1]!;
    if (short < LENGTH_IN_16_BITS) throw badFrame(`16 bits say a length of ${short}`, "7 bits say it");
    return short;
  }
  const high = readInt32(bytes, at) >>> 0;
  const low = readInt32(bytes, at + 4) >>> 0;
  if (high > 0x7fff_ffff) throw badFrame("the highest bit of its length is set", "it is clear");
  if (high === 0 && low <= 0xffff) throw badFrame(`64 bits say a length of ${low}`, "fewer bits say it");
  // Past 2^53 - 1 a number has no exact value any more; no limit is that high.
  return Math.min(high * 2 ** 32 + low, Number.MAX_SAFE_INTEGER);
}

function readInt32(bytes: Buffer, at: number): number {
  return (bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!;
}

function wronglyMasked(sender: Sender): Error {
  return sender === "client"
    ? badFrame("it is not masked", "clients mask every frame")
    : badFrame("it is masked", "servers mask no frame");
}
