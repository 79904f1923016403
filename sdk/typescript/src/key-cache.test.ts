import { expect, test } from "bun:test";

import { KeyCache } from "./key-cache.ts";

test("gives the text of any bytes, however often and in whatever company", () => {
  const cache = new KeyCache();
  // Lengths, ends and middles that are the same, so that many share a slot.
  const texts = ["", "a", "ab", "axb", "ayb", "Host", "Hott", "\u00e9", "x".repeat(64), "x".repeat(65)];
  for (let round = 0; round < 3; round++) {
    for (let count = 0; count < 500; count++) {
      for (const text of [...texts, `h${count}t`, `h${count}${count}t`]) {
        const bytes = Buffer.from(`<${text}>`, "latin1");
        expect(cache.read(bytes, 1, bytes.length - 1)).toBe(text);
      }
    }
  }
});
