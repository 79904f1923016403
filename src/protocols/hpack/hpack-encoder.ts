import type { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { toLowerCase } from "../http/octet-text.ts";
import { STATIC_NAME_START, STATIC_TEXT, STATIC_VALUE_START, staticIndexOfHash } from "./static-table.ts";

/** The first octet of a representation (RFC 7541 §6), and the largest value of the integer that starts in it. */
const INDEXED = 0x80;
const INDEXED_MAX = 0x7f;
const SIZE_UPDATE = 0x20;
const LITERAL = 0x00;
const LITERAL_MAX = 0x0f;

const STRING_LENGTH_MAX = 0x7f;

/**
 * Appends an integer whose prefix shares its octet with `firstBits`. RFC 7541 §5.1.
 *
 * @param prefixMax the prefix's largest value: 2^bits - 1.
 * @param value a non-negative integer below 2^31.
 */
export function encodeInteger(arena: Arena, firstBits: number, prefixMax: number, value: number): void {
  if (value < prefixMax) {
    arena.writeUint8(firstBits | value);
    return;
  }
  arena.writeUint8(firstBits | prefixMax);
  let rest = value - prefixMax;
  for (; rest >= 0x80; rest >>>= 7) arena.writeUint8(0x80 | (rest & 0x7f));
  arena.writeUint8(rest);
}

/** Appends that the table has a size of 0: what an encoder without one says at the start of a block once its peer allows less than before. RFC 7541 §4.2. */
export function encodeNoTable(arena: Arena): void {
  arena.writeUint8(SIZE_UPDATE);
}

/** Appends the entry at `index` of the static table, name and value. */
export function encodeIndexed(arena: Arena, index: number): void {
  encodeInteger(arena, INDEXED, INDEXED_MAX, index);
}

/** Appends the name of the static entry `nameIndex`; its value, by `encodeString`, follows. */
export function encodeStaticName(arena: Arena, nameIndex: number): void {
  encodeInteger(arena, LITERAL, LITERAL_MAX, nameIndex);
}

/** Appends `bytes[start, end)` as a string as it is: Huffman coding would cost more than it saves on a wire that compresses nothing else. */
export function encodeString(arena: Arena, bytes: Uint8Array, start: number, end: number): void {
  encodeInteger(arena, 0, STRING_LENGTH_MAX, end - start);
  arena.writeBytes(bytes, start, end);
}

/**
 * Appends the field at `index` of `fields`, its name in lower case as RFC 9113 §8.2 wants it, as a literal that enters no table: an encoder
 * without a table has no state, needs no agreement with the peer, and leaks nothing by the size of what it writes (RFC 7541 §7.1).
 */
export function encodeField(arena: Arena, fields: FieldBlock, index: number): void {
  const nameIndex = staticIndexOfHash(fields.nameHash(index));
  if (nameIndex !== 0 && isStaticName(fields, index, nameIndex)) {
    encodeStaticName(arena, nameIndex);
  } else {
    arena.writeUint8(LITERAL);
    encodeName(arena, fields, index);
  }
  encodeString(arena, fields.bytes, fields.valueStart(index), fields.valueEnd(index));
}

function isStaticName(fields: FieldBlock, index: number, nameIndex: number): boolean {
  const { bytes } = fields;
  const start = fields.nameStart(index);
  const length = fields.nameEnd(index) - start;
  const from = STATIC_NAME_START[nameIndex]!;
  if (STATIC_VALUE_START[nameIndex]! - from !== length) return false;
  for (let i = 0; i < length; i++) if (toLowerCase(bytes[start + i]!) !== STATIC_TEXT[from + i]) return false;
  return true;
}

function encodeName(arena: Arena, fields: FieldBlock, index: number): void {
  const start = fields.nameStart(index);
  const length = fields.nameEnd(index) - start;
  encodeInteger(arena, 0, STRING_LENGTH_MAX, length);
  arena.reserve(length);
  const { bytes } = fields;
  const { bytes: target, end: to } = arena;
  for (let i = 0; i < length; i++) target[to + i] = toLowerCase(bytes[start + i]!);
  arena.end = to + length;
}
