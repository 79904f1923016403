import { describe, expect, test } from "bun:test";
import { encodeValue, Extension, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { MsgpackCursor } from "./msgpack-cursor.ts";
import { MsgpackError, type MsgpackErrorCode } from "./msgpack-error.ts";

/** A cursor whose bytes lie between others, so that a read beyond them shows. */
function cursorOver(bytes: Buffer, depthMax?: number): MsgpackCursor {
  const cursor = new MsgpackCursor(depthMax);
  cursor.reset(Buffer.concat([Buffer.alloc(9, 0xc0), bytes, Buffer.alloc(9, 0xc0)]), 9, 9 + bytes.length);
  return cursor;
}

function codeOf(read: () => unknown): MsgpackErrorCode | null {
  try {
    read();
  } catch (error) {
    if (error instanceof MsgpackError) return error.code;
    throw error;
  }
  return null;
}

const INTEGERS: readonly number[] = [0, 127, 128, 256, 65_536, 2 ** 32, -1, -32, -33];
const TEXTS: readonly string[] = [0, 31, 32, 256, 65_536].map((length) => "a".repeat(length));
const BINARIES: readonly Buffer[] = [0, 256, 65_536].map((length) => Buffer.alloc(length));
const EXTENSIONS: readonly Extension[] = [1, 2, 3, 4, 8, 16, 17, 256].map(
  (length) => new Extension(5, Buffer.alloc(length, 0xc1)),
);
const ARRAYS: readonly MsgpackValue[] = [[], [1, [2, ["three"]]], Array.from({ length: 16 }, () => null)];
const MAPS: readonly MsgpackValue[] = [
  {},
  { a: { b: [] } },
  new Map(Array.from({ length: 16 }, (_, index) => [index, index])),
];

/** A value of every type and width. */
const VALUES: readonly MsgpackValue[] = [
  null,
  true,
  false,
  1.5,
  ...INTEGERS,
  ...TEXTS,
  ...BINARIES,
  ...EXTENSIONS,
  ...ARRAYS,
  ...MAPS,
];

describe("MsgpackCursor", () => {
  test("moves behind a value of every type and width", () => {
    const cursor = cursorOver(Buffer.concat(VALUES.map(encodeValue)));
    for (const value of VALUES) {
      expect(cursor.isAtEnd).toBe(false);
      const { at } = cursor;
      cursor.skip();
      expect(cursor.at - at).toBe(encodeValue(value).length);
    }
    expect(cursor.isAtEnd).toBe(true);
  });

  test("calls a value malformed that is cut anywhere", () => {
    for (const value of VALUES) {
      const bytes = encodeValue(value);
      const step = Math.max(1, Math.floor(bytes.length / 100));
      for (let length = 0; length < bytes.length; length += step) {
        expect(codeOf(() => cursorOver(bytes.subarray(0, length)).skip())).toBe("VILYA_MSGPACK_MALFORMED");
      }
    }
  });

  test("reads integers exactly as text and floats not at all", () => {
    const texts = [0n, 127n, -1n, -32n, 2n ** 63n, 2n ** 64n - 1n, -(2n ** 63n), -70_000n];
    expect(texts.map((value) => cursorOver(encodeValue(value)).readIntegerText())).toEqual(texts.map(String));
    expect([5, 200, 70_000, -33].map((value) => cursorOver(encodeValue(value)).readIntegerText())).toEqual([
      "5",
      "200",
      "70000",
      "-33",
    ]);
    for (const value of [1.5, "1", null]) {
      expect(codeOf(() => cursorOver(encodeValue(value)).readIntegerText())).toBe("VILYA_MSGPACK_UNEXPECTED_TYPE");
    }
  });

  test("finds a string and a binary in place", () => {
    for (const value of ["abc", Buffer.from("abc")]) {
      const cursor = cursorOver(encodeValue(value));
      cursor.readBytes();
      expect(cursor.bytes.toString("latin1", cursor.rangeStart, cursor.rangeEnd)).toBe("abc");
      expect(cursor.isAtEnd).toBe(true);
    }
  });

  test("counts what follows the header of an array or map", () => {
    expect(
      [0, 15, 16, 65_536].map((count) => cursorOver(encodeValue(Array<null>(count).fill(null))).readArrayHeader()),
    ).toEqual([0, 15, 16, 65_536]);
    const map = (count: number): MsgpackValue => new Map(Array.from({ length: count }, (_, index) => [index, null]));
    expect([0, 15, 16, 65_536].map((count) => cursorOver(encodeValue(map(count))).readMapHeader())).toEqual([
      0, 15, 16, 65_536,
    ]);
  });

  test.each([
    ["a str8 of 255 bytes", "d9ff"],
    ["a str32 of 4 GiB", "dbffffffff616263"],
    ["a bin32 of 4 GiB", "c6ffffffff616263"],
    ["an ext32 of 4 GiB", "c9ffffffff01616263"],
    ["an array of 2^32-1 values", "ddffffffffc0c0"],
    ["a map of 2^32-1 pairs", "dfffffffffc0c0"],
    ["a map of 2^31 pairs, whose keys and values wrap around", "df80000000c0c0"],
    ["a map of one pair and half of one", "82010203"],
  ])("refuses %s in a few bytes", (_, hex) => {
    expect(codeOf(() => cursorOver(Buffer.from(hex, "hex")).skip())).toBe("VILYA_MSGPACK_MALFORMED");
  });

  test("promises no more pairs of a map than the bytes that are left can hold", () => {
    expect(cursorOver(Buffer.from("8201020304", "hex")).readMapHeader()).toBe(2);
    for (const hex of ["82010203", "de0002010203", "df80000000c0c0"]) {
      expect(codeOf(() => cursorOver(Buffer.from(hex, "hex")).readMapHeader())).toBe("VILYA_MSGPACK_MALFORMED");
    }
  });

  test("refuses the byte that begins no value", () => {
    expect(codeOf(() => cursorOver(Buffer.of(0xc1)).skip())).toBe("VILYA_MSGPACK_MALFORMED");
    expect(codeOf(() => cursorOver(Buffer.of(0x91, 0xc1)).skip())).toBe("VILYA_MSGPACK_MALFORMED");
  });

  test("refuses a value of another type than asked for, and stays before it", () => {
    const cursor = cursorOver(encodeValue("text"));
    const { at } = cursor;
    const reads: readonly (() => unknown)[] = [
      () => cursor.readBoolean(),
      () => cursor.readNumber(),
      () => cursor.readArrayHeader(),
      () => cursor.readMapHeader(),
    ];
    for (const read of reads) expect(codeOf(read)).toBe("VILYA_MSGPACK_UNEXPECTED_TYPE");
    expect(cursor.tryReadNil()).toBe(false);
    expect(cursor.at).toBe(at);
    expect(codeOf(() => cursorOver(Buffer.of(0x01)).readBytes())).toBe("VILYA_MSGPACK_UNEXPECTED_TYPE");
  });

  test.each([1, 2, 32])("follows %d levels of arrays and maps and not one more", (depthMax) => {
    const nested = (levels: number) => Buffer.concat([Buffer.alloc(levels - 1, 0x91), Buffer.of(0x80)]);
    const skip = (levels: number) => codeOf(() => cursorOver(nested(levels), depthMax).skip());
    expect([skip(depthMax), skip(depthMax + 1)]).toEqual([null, "VILYA_MSGPACK_TOO_DEEP"]);
    if (depthMax > 1) expect(skip(depthMax - 1)).toBeNull();
    expect(codeOf(() => cursorOver(nested(1), depthMax).skip(depthMax))).toBe("VILYA_MSGPACK_TOO_DEEP");
  });

  test("says where in its bytes a value cannot be read", () => {
    const cursor = cursorOver(Buffer.from("01a5616263", "hex"));
    cursor.skip();
    expect(() => cursor.skip()).toThrow("Cannot read the value at byte 2: this string needs 5 bytes and 3 are left");
  });
});
