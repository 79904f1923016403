import { describe, expect, test } from "bun:test";
import { decodeNumber, numberByteLength, readUint16, readUint32 } from "./msgpack-number.ts";

/** Bytes of every width at its ends, with the number they are. */
const CASES: readonly (readonly [hex: string, value: number])[] = [
  ["cc00", 0],
  ["ccff", 255],
  ["cdffff", 65_535],
  ["ce80000000", 2 ** 31],
  ["ceffffffff", 2 ** 32 - 1],
  ["cf0000000100000000", 2 ** 32],
  ["cf001fffffffffffff", Number.MAX_SAFE_INTEGER],
  ["cfffffffffffffffff", 2 ** 64],
  ["d07f", 127],
  ["d080", -128],
  ["d18000", -32_768],
  ["d280000000", -(2 ** 31)],
  ["d3ffffffffffffffff", -1],
  ["d3ffe0000000000001", Number.MIN_SAFE_INTEGER],
  ["d38000000000000000", -(2 ** 63)],
  ["d37fffffffffffffff", 2 ** 63],
  ["ca3fc00000", 1.5],
  ["ca7f800000", Infinity],
  ["cb3fb999999999999a", 0.1],
  ["cb7ff8000000000000", NaN],
];

describe("decodeNumber", () => {
  test.each(CASES)("reads %s as %d", (hex, value) => {
    const bytes = Buffer.from(`ffff${hex}ffff`, "hex");
    expect(numberByteLength(bytes[2]!)).toBe(hex.length / 2 - 1);
    expect(decodeNumber(bytes[2]!, bytes, 3)).toBe(value);
  });

  test("never reads an integer beyond 2^53 as a safe one", () => {
    for (const hex of ["0020000000000000", "0020000000000001", "7fffffffffffffff", "8000000000000001"]) {
      for (const tag of [0xcf, 0xd3])
        expect(Number.isSafeInteger(decodeNumber(tag, Buffer.from(hex, "hex"), 0))).toBe(false);
    }
  });
});

describe("readUint16 and readUint32", () => {
  test("read big-endian and unsigned", () => {
    const bytes = Buffer.from("00fffefdfc", "hex");
    expect([readUint16(bytes, 1), readUint32(bytes, 1), readUint32(bytes, 0)]).toEqual([
      0xfffe, 0xfffe_fdfc, 0x00ff_fefd,
    ]);
  });
});
