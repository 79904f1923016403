import { describe, expect, test } from "bun:test";
import { seededRandom } from "../../../test/support/seeded-random.ts";
import { applyMask, turnKey } from "./mask.ts";

const KEY = 0x9a_b3_07_fe | 0;
const KEY_OCTETS = Buffer.of(0x9a, 0xb3, 0x07, 0xfe);

/** RFC 6455 §5.3, octet by octet. */
function masked(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.map((octet, index) => octet ^ KEY_OCTETS[index % 4]!));
}

describe("applyMask", () => {
  test("masks any length at any place in memory, and nothing beside it", () => {
    const random = seededRandom(1);
    const memory = new ArrayBuffer(400);
    const original = Buffer.from(Array.from({ length: 400 }, () => random.below(256)));
    for (let offset = 0; offset < 8; offset++) {
      const bytes = new Uint8Array(memory, offset, 300);
      for (const length of [0, 1, 2, 3, 4, 5, 63, 64, 65, 66, 67, 68, 127, 200, 280]) {
        for (let start = 0; start < 5; start++) {
          original.copy(new Uint8Array(memory));
          const before = Buffer.from(bytes);
          applyMask(bytes, start, start + length, KEY);
          const expected = Buffer.from(before);
          masked(before.subarray(start, start + length)).copy(expected, start);
          expect(Buffer.from(bytes).equals(expected)).toBe(true);
        }
      }
    }
  });

  test("goes on where a piece ended with the key turned that far", () => {
    const payload = Buffer.from(Array.from({ length: 300 }, (_, index) => index));
    for (const cut of [1, 2, 3, 4, 7, 130, 131]) {
      const bytes = Buffer.from(payload);
      applyMask(bytes, 0, cut, KEY);
      applyMask(bytes, cut, bytes.length, turnKey(KEY, cut));
      expect([cut, bytes.equals(masked(payload))]).toEqual([cut, true]);
    }
  });

  test("undoes itself", () => {
    const bytes = Buffer.from("Hello, world! ".repeat(20));
    applyMask(bytes, 0, bytes.length, KEY);
    applyMask(bytes, 0, bytes.length, KEY);
    expect(bytes.toString()).toBe("Hello, world! ".repeat(20));
  });
});
