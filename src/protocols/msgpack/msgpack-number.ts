import { MSGPACK_TAG as TAG } from "./msgpack-tag.ts";

/** Bytes of the number behind each tag from `float32` to `int64`. */
const BYTE_LENGTHS: readonly number[] = [4, 8, 1, 2, 4, 8, 1, 2, 4, 8];

/** How many bytes follow a tag between `float32` and `int64`. */
export function numberByteLength(tag: number): number {
  return BYTE_LENGTHS[tag - TAG.float32]!;
}

/**
 * Reads the number behind a tag between `float32` and `int64`; the caller has checked that its bytes are there. Integers beyond 2^53 lose
 * their last digits and stay beyond 2^53.
 */
export function decodeNumber(tag: number, bytes: Buffer, at: number): number {
  switch (tag) {
    case TAG.uint8:
      return bytes[at]!;
    case TAG.uint16:
      return readUint16(bytes, at);
    case TAG.uint32:
      return readUint32(bytes, at);
    case TAG.uint64:
      return readUint32(bytes, at) * 2 ** 32 + readUint32(bytes, at + 4);
    case TAG.int8:
      return bytes.readInt8(at);
    case TAG.int16:
      return bytes.readInt16BE(at);
    case TAG.int32:
      return bytes.readInt32BE(at);
    case TAG.int64:
      return bytes.readInt32BE(at) * 2 ** 32 + readUint32(bytes, at + 4);
    case TAG.float32:
      return bytes.readFloatBE(at);
    default:
      return bytes.readDoubleBE(at);
  }
}

/** Two bytes, big-endian; the caller has checked that they are there. */
export function readUint16(bytes: Buffer, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

/** Four bytes, big-endian and unsigned; the caller has checked that they are there. */
export function readUint32(bytes: Buffer, at: number): number {
  return bytes[at]! * 0x100_0000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}
