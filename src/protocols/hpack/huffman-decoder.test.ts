import { describe, expect, test } from "bun:test";

import { bitsOf, huffman } from "../../../test/support/hpack-text.ts";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { Arena } from "../../kernel/arena.ts";
import { HUFFMAN_CODES } from "./huffman-code.ts";
import { decodeHuffman } from "./huffman-decoder.ts";

/** What `bytes` stands for, or `null` when that is nothing. */
function decoded(bytes: Buffer): string | null {
  const arena = new Arena();
  return decodeHuffman(bytes, 0, bytes.length, arena) ? arena.bytes.toString("latin1", 0, arena.end) : null;
}

function bitsOfSymbol(symbol: number): string {
  const { bits, bitCount } = HUFFMAN_CODES[symbol]!;
  return bits.toString(2).padStart(bitCount, "0");
}

describe("HUFFMAN_CODES", () => {
  test("has the codes that RFC 7541 appendix B lists", () => {
    expect(bitsOfSymbol(0x30)).toBe("00000");
    expect(bitsOfSymbol(0x61)).toBe("00011");
    expect(bitsOfSymbol(0x21)).toBe("1111111000");
    expect(bitsOfSymbol(0x7b)).toBe("111111111111110");
    expect(bitsOfSymbol(0)).toBe("1111111111000");
    expect(bitsOfSymbol(255)).toBe("11111111111111111111101110");
    expect(bitsOfSymbol(256)).toBe("1".repeat(30));
  });

  test("fills the code space to the last place", () => {
    const space = HUFFMAN_CODES.reduce((sum, { bitCount }) => sum + 2 ** -bitCount, 0);
    expect(HUFFMAN_CODES).toHaveLength(257);
    expect(space).toBe(1);
  });
});

describe("decodeHuffman", () => {
  test("decodes every octet, alone and twice", () => {
    for (let octet = 0; octet < 256; octet++) {
      const text = String.fromCharCode(octet);
      expect(decoded(huffman(text))).toBe(text);
      expect(decoded(huffman(text + text))).toBe(text + text);
    }
  });

  test("decodes texts of all octets, seeded", () => {
    const random = seededRandom(5);
    for (let round = 0; round < 300; round++) {
      const text = Array.from({ length: random.below(60) }, () => String.fromCharCode(random.below(256))).join("");
      expect(decoded(huffman(text))).toBe(text);
    }
  });

  test("appends to what the arena holds, and finds the string inside of other octets", () => {
    const arena = new Arena();
    arena.writeLatin1("so ");
    const bytes = Buffer.concat([Buffer.from([0xff]), huffman("what"), Buffer.from([0xff])]);
    expect(decodeHuffman(bytes, 1, bytes.length - 1, arena)).toBe(true);
    expect(arena.bytes.toString("latin1", 0, arena.end)).toBe("so what");
  });

  test("takes up to seven ones as padding and nothing else", () => {
    expect(decoded(Buffer.alloc(0))).toBe("");
    expect(decoded(bitsOf("00000111"))).toBe("0");
    for (let ones = 0; ones <= 30; ones++) {
      // `0` is five bits, `&` is eight, `:` is seven: together they end at any place in an octet.
      for (const text of ["0", "00", "000", "0000", "00000", "000000", "0000000", "00000000"]) {
        const bits = "00000".repeat(text.length) + "1".repeat(ones);
        if (bits.length % 8 === 0) expect(decoded(bitsOf(bits))).toBe(ones < 8 ? text : null);
      }
    }
    expect(decoded(bitsOf("00000110"))).toBeNull();
    expect(decoded(bitsOf("00000000"))).toBeNull();
  });

  test("refuses EOS, wherever it stands", () => {
    expect(decoded(bitsOf("1".repeat(32)))).toBeNull();
    expect(decoded(bitsOf(`${"1".repeat(30)}0000011111`))).toBeNull();
    expect(decoded(bitsOf(`00000${"1".repeat(30)}00000`))).toBeNull();
  });

  test("refuses a string that is cut inside a code", () => {
    for (let octet = 0; octet < 256; octet++) {
      const whole = huffman(String.fromCharCode(octet));
      for (let end = 1; end < whole.length; end++) expect(decoded(whole.subarray(0, end))).toBeNull();
    }
  });
});
