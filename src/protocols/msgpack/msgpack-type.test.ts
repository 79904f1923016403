import { describe, expect, test } from "bun:test";
import { type MsgpackType, typeOfTag } from "./msgpack-type.ts";

/** The first byte of every format, as the table of the MessagePack specification has it. */
const RANGES: readonly (readonly [first: number, last: number, type: MsgpackType])[] = [
  [0x00, 0x7f, "integer"],
  [0x80, 0x8f, "map"],
  [0x90, 0x9f, "array"],
  [0xa0, 0xbf, "string"],
  [0xc0, 0xc0, "nil"],
  [0xc1, 0xc1, "unused"],
  [0xc2, 0xc3, "boolean"],
  [0xc4, 0xc6, "binary"],
  [0xc7, 0xc9, "extension"],
  [0xca, 0xcb, "float"],
  [0xcc, 0xd3, "integer"],
  [0xd4, 0xd8, "extension"],
  [0xd9, 0xdb, "string"],
  [0xdc, 0xdd, "array"],
  [0xde, 0xdf, "map"],
  [0xe0, 0xff, "integer"],
];

describe("typeOfTag", () => {
  test("knows all 256 first bytes", () => {
    const expected = RANGES.flatMap(([first, last, type]) => Array.from({ length: last - first + 1 }, () => type));
    expect(Array.from({ length: 256 }, (_, tag) => typeOfTag(tag))).toEqual(expected);
  });
});
