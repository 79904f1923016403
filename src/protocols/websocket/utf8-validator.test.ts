import { describe, expect, test } from "bun:test";
import { isUtf8 } from "node:buffer";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { isUtf8Text, Utf8Validator } from "./utf8-validator.ts";

const FILLER = Buffer.from("x".repeat(60));

/** What a validator says of pieces pushed one after the other: the number of the piece it refuses, or whether the text may end. */
function verdict(pieces: readonly Buffer[]): boolean | `refused at ${number}` {
  const validator = new Utf8Validator();
  for (const [index, piece] of pieces.entries()) {
    if (!validator.push(piece, 0, piece.length)) return `refused at ${index}`;
  }
  return validator.isComplete;
}

describe("Utf8Validator", () => {
  test("agrees with the runtime on every sequence of two octets, and on every third octet that matters", () => {
    const thirds = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
    for (let first = 0; first < 256; first++) {
      for (let second = 0; second < 256; second++) {
        for (const third of thirds) {
          const bytes = Buffer.of(first, second, third);
          if ((verdict([bytes]) === true) !== isUtf8(bytes)) throw new Error(`differs on ${bytes.toString("hex")}`);
        }
      }
    }
    expect(verdict([Buffer.of(0xf4, 0x8f, 0xbf, 0xbf)])).toBe(true);
  });

  test("says the same however a text is cut, short pieces and long ones", () => {
    const random = seededRandom(7);
    const alphabet = ["a", "é", "€", "\u{10ffff}", "\ufffd", "\ud7ff"].map((character) => Buffer.from(character));
    for (let round = 0; round < 500; round++) {
      const parts = Array.from({ length: 1 + random.below(120) }, () => alphabet[random.below(alphabet.length)]!);
      if (random.below(3) === 0) parts.splice(random.below(parts.length), 0, Buffer.of(128 + random.below(128)));
      const bytes = Buffer.concat(parts);
      const cut = random.below(bytes.length + 1);
      const pieces = [bytes.subarray(0, cut), bytes.subarray(cut)];
      expect([bytes.toString("hex"), cut, verdict(pieces) === true]).toEqual([
        bytes.toString("hex"),
        cut,
        isUtf8(bytes),
      ]);
      expect(isUtf8Text(bytes, 0, bytes.length)).toBe(isUtf8(bytes));
    }
  });

  test("refuses in the piece with the octet that nothing could make right", () => {
    expect(verdict([Buffer.of(0xed), FILLER])).toBe("refused at 1");
    expect(verdict([Buffer.of(0xed), Buffer.of(0xa0), Buffer.of(0x80)])).toBe("refused at 1");
    expect(verdict([Buffer.concat([FILLER, Buffer.of(0xf4, 0x90)]), FILLER])).toBe("refused at 0");
    expect(verdict([Buffer.concat([FILLER, Buffer.of(0xf4, 0x8f)])])).toBe(false);
    expect(verdict([Buffer.concat([FILLER, Buffer.of(0x80, 0x80, 0x80, 0x80)])])).toBe("refused at 0");
  });

  test("stays with its refusal", () => {
    const validator = new Utf8Validator();
    expect(validator.push(Buffer.of(0xff), 0, 1)).toBe(false);
    expect(validator.push(FILLER, 0, FILLER.length)).toBe(false);
    expect(validator.push(FILLER, 0, 1)).toBe(false);
  });

  test("looks at no octet outside of its piece", () => {
    const bytes = Buffer.concat([Buffer.of(0xff), FILLER, Buffer.of(0xff)]);
    expect(new Utf8Validator().push(bytes, 1, bytes.length - 1)).toBe(true);
    expect(isUtf8Text(bytes, 1, bytes.length - 1)).toBe(true);
    expect(isUtf8Text(bytes, 1, 5)).toBe(true);
  });
});
