import type { Arena } from "../../kernel/arena.ts";
import { MSGPACK_TAG } from "./msgpack-tag.ts";

const UINT32_MAX = 0xffff_ffff;

/** Appends a non-negative safe integer in as few bytes as it takes. */
export function writeUint(arena: Arena, value: number): void {
  if (value < 0x80) {
    arena.writeUint8(value);
  } else if (value <= 0xff) {
    arena.writeUint16((MSGPACK_TAG.uint8 << 8) | value);
  } else if (value <= 0xffff) {
    arena.writeUint8(MSGPACK_TAG.uint16);
    arena.writeUint16(value);
  } else if (value <= UINT32_MAX) {
    arena.writeUint8(MSGPACK_TAG.uint32);
    arena.writeUint32(value);
  } else {
    arena.writeUint8(MSGPACK_TAG.uint64);
    arena.writeUint32(Math.floor(value / 2 ** 32));
    arena.writeUint32(value >>> 0);
  }
}

/** Announces a string of `byteLength` bytes, which the caller appends: any bytes, since a *str* is what its writer calls text. */
export function writeStrHeader(arena: Arena, byteLength: number): void {
  if (byteLength < 32) {
    arena.writeUint8(MSGPACK_TAG.fixStr | byteLength);
  } else if (byteLength <= 0xff) {
    arena.writeUint16((MSGPACK_TAG.str8 << 8) | byteLength);
  } else {
    writeLength(arena, MSGPACK_TAG.str16, byteLength);
  }
}

/** Announces `byteLength` raw bytes, which the caller appends. */
export function writeBinHeader(arena: Arena, byteLength: number): void {
  if (byteLength <= 0xff) {
    arena.writeUint16((MSGPACK_TAG.bin8 << 8) | byteLength);
  } else {
    writeLength(arena, MSGPACK_TAG.bin16, byteLength);
  }
}

/** Announces `count` values, which the caller appends. */
export function writeArrayHeader(arena: Arena, count: number): void {
  if (count < 16) {
    arena.writeUint8(MSGPACK_TAG.fixArray | count);
  } else {
    writeLength(arena, MSGPACK_TAG.array16, count);
  }
}

/** Announces `count` keys, each followed by its value, which the caller appends. */
export function writeMapHeader(arena: Arena, count: number): void {
  if (count < 16) {
    arena.writeUint8(MSGPACK_TAG.fixMap | count);
  } else {
    writeLength(arena, MSGPACK_TAG.map16, count);
  }
}

/** Appends `text` as a string, in UTF-8. */
export function writeStr(arena: Arena, text: string): void {
  const bytes = Buffer.from(text, "utf8");
  writeStrHeader(arena, bytes.length);
  arena.writeBytes(bytes);
}

/** Appends `text` as a string; it holds ASCII alone. */
export function writeAsciiStr(arena: Arena, text: string): void {
  writeStrHeader(arena, text.length);
  arena.writeLatin1(text);
}

/** Writes the 16-bit form of a length, or the 32-bit form, whose tag is always the next one. */
function writeLength(arena: Arena, tag16: number, length: number): void {
  if (length <= 0xffff) {
    arena.writeUint8(tag16);
    arena.writeUint16(length);
  } else {
    arena.writeUint8(tag16 + 1);
    arena.writeUint32(length);
  }
}
