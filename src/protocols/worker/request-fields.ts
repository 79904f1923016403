import type { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import { writeArrayHeader, writeMapHeader, writeStrHeader } from "../msgpack/msgpack-writer.ts";

const HYPHEN = 0x2d;

/** Every octet with its ASCII letter in upper and in lower case: a load where a comparison would mispredict. */
const UPPER_CASE = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x61 && octet <= 0x7a ? octet & 0xdf : octet,
);
const LOWER_CASE = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet,
);

/** `isWritten[index]` is 1 once the field went into the list of an earlier one with its name. Shared: encoding never yields. */
let isWritten = new Uint8Array(128);

/**
 * Appends the fields of a request as one map of name → list of values: names as `Content-Type`, fields of one name in one list, names and
 * values in the order of their arrival.
 *
 * Grouping compares hashes pairwise: less than building a table costs at the field counts that the limits of HTTP let through.
 */
export function writeRequestFields(arena: Arena, fields: FieldBlock): void {
  const { count } = fields;
  if (isWritten.length < count) isWritten = new Uint8Array(count * 2);
  isWritten.fill(0, 0, count);

  // The header's width follows from the number of fields, so that the number of names can be filled in once it is known.
  const headerOffset = arena.byteLength;
  writeMapHeader(arena, count);
  let nameCount = 0;
  for (let index = 0; index < count; index++) {
    if (isWritten[index] === 1) continue;
    nameCount++;
    writeName(arena, fields, index);
    writeValues(arena, fields, index);
  }
  if (nameCount < count) setMapCount(arena, arena.start + headerOffset, nameCount);
}

/** Appends the fields of a request as an array of pairs in the order of their arrival, names in lower case. */
export function writeFieldPairs(arena: Arena, fields: FieldBlock): void {
  const { count } = fields;
  writeArrayHeader(arena, count);
  for (let index = 0; index < count; index++) {
    writeArrayHeader(arena, 2);
    writeLowerCaseName(arena, fields, index);
    writeValue(arena, fields, index);
  }
}

function writeLowerCaseName(arena: Arena, fields: FieldBlock, index: number): void {
  const start = fields.nameStart(index);
  const end = fields.nameEnd(index);
  writeStrHeader(arena, end - start);
  arena.reserve(end - start);
  const source = fields.bytes;
  const target = arena.bytes;
  let to = arena.end;
  for (let from = start; from < end; from++) target[to++] = LOWER_CASE[source[from]!]!;
  arena.end = to;
}

function writeName(arena: Arena, fields: FieldBlock, index: number): void {
  const start = fields.nameStart(index);
  const end = fields.nameEnd(index);
  writeStrHeader(arena, end - start);
  arena.reserve(end - start);
  const source = fields.bytes;
  const target = arena.bytes;
  let to = arena.end;
  let isWordStart = true;
  for (let from = start; from < end; from++) {
    const byte = source[from]!;
    target[to++] = isWordStart ? UPPER_CASE[byte]! : LOWER_CASE[byte]!;
    isWordStart = byte === HYPHEN;
  }
  arena.end = to;
}

function writeValues(arena: Arena, fields: FieldBlock, first: number): void {
  const { count } = fields;
  const hash = fields.nameHash(first);
  let valueCount = 1;
  for (let other = first + 1; other < count; other++) {
    if (fields.nameHash(other) !== hash || !fields.isSameName(first, other)) continue;
    isWritten[other] = 1;
    valueCount++;
  }
  writeArrayHeader(arena, valueCount);
  writeValue(arena, fields, first);
  if (valueCount === 1) return;
  for (let other = first + 1; other < count; other++) {
    if (fields.nameHash(other) === hash && fields.isSameName(first, other)) writeValue(arena, fields, other);
  }
}

function writeValue(arena: Arena, fields: FieldBlock, index: number): void {
  const start = fields.valueStart(index);
  const end = fields.valueEnd(index);
  writeStrHeader(arena, end - start);
  arena.writeBytes(fields.bytes, start, end);
}

/** Lowers the number of pairs in a map's header without changing its width. */
function setMapCount(arena: Arena, offset: number, count: number): void {
  const { bytes } = arena;
  if (bytes[offset] === MSGPACK_TAG.map16) {
    bytes[offset + 1] = count >>> 8;
    bytes[offset + 2] = count;
  } else {
    bytes[offset] = MSGPACK_TAG.fixMap | count;
  }
}
