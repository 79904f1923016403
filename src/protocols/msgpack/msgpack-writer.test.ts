import { describe, expect, test } from "bun:test";
import { Arena } from "../../kernel/arena.ts";
import {
  writeArrayHeader,
  writeAsciiStr,
  writeBinHeader,
  writeMapHeader,
  writeStr,
  writeStrHeader,
  writeUint,
} from "./msgpack-writer.ts";

function written(write: (arena: Arena) => void): string {
  const arena = new Arena();
  write(arena);
  return arena.bytes.toString("hex", 0, arena.end);
}

const UINTS: readonly (readonly [value: number, hex: string])[] = [
  [0, "00"],
  [0x7f, "7f"],
  [0x80, "cc80"],
  [0xff, "ccff"],
  [0x100, "cd0100"],
  [0xffff, "cdffff"],
  [0x1_0000, "ce00010000"],
  [0xffff_ffff, "ceffffffff"],
  [2 ** 32, "cf0000000100000000"],
  [2 ** 32 + 0xffff_fffe, "cf00000001fffffffe"],
  [Number.MAX_SAFE_INTEGER, "cf001fffffffffffff"],
];

const STRS: readonly (readonly [byteLength: number, hex: string])[] = [
  [0, "a0"],
  [31, "bf"],
  [32, "d920"],
  [255, "d9ff"],
  [256, "da0100"],
  [65_535, "daffff"],
  [65_536, "db00010000"],
  [2 ** 32 - 1, "dbffffffff"],
];

const BINS: readonly (readonly [byteLength: number, hex: string])[] = [
  [0, "c400"],
  [255, "c4ff"],
  [256, "c50100"],
  [65_535, "c5ffff"],
  [65_536, "c600010000"],
  [2 ** 32 - 1, "c6ffffffff"],
];

const ARRAYS: readonly (readonly [count: number, hex: string])[] = [
  [0, "90"],
  [15, "9f"],
  [16, "dc0010"],
  [65_535, "dcffff"],
  [65_536, "dd00010000"],
];

const MAPS: readonly (readonly [count: number, hex: string])[] = [
  [0, "80"],
  [15, "8f"],
  [16, "de0010"],
  [65_535, "deffff"],
  [65_536, "df00010000"],
];

describe("MessagePack writers", () => {
  test.each(UINTS)("write the uint %d as %s", (value, hex) => {
    expect(written((arena) => writeUint(arena, value))).toBe(hex);
  });

  test.each(STRS)("announce a str of %d bytes as %s", (byteLength, hex) => {
    expect(written((arena) => writeStrHeader(arena, byteLength))).toBe(hex);
  });

  test.each(BINS)("announce a bin of %d bytes as %s", (byteLength, hex) => {
    expect(written((arena) => writeBinHeader(arena, byteLength))).toBe(hex);
  });

  test.each(ARRAYS)("announce an array of %d as %s", (count, hex) => {
    expect(written((arena) => writeArrayHeader(arena, count))).toBe(hex);
  });

  test.each(MAPS)("announce a map of %d as %s", (count, hex) => {
    expect(written((arena) => writeMapHeader(arena, count))).toBe(hex);
  });

  test("write text in UTF-8 with the length of its bytes", () => {
    expect(written((arena) => writeStr(arena, "\u00fc"))).toBe("a2c3bc");
    expect(written((arena) => writeStr(arena, ""))).toBe("a0");
  });

  test("write ASCII text with its header", () => {
    expect(written((arena) => writeAsciiStr(arena, "id"))).toBe("a26964");
  });
});
