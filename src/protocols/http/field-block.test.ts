import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { FieldBlock, hashName } from "./field-block.ts";

const COOKIES = [
  ["Host", "a"],
  ["Cookie", "b=1"],
  ["cookie", "c=\xe9"],
  ["X-Empty", ""],
] as const;

describe("FieldBlock", () => {
  test("keeps order, case, duplicates and raw bytes", () => {
    const block = buildFieldBlock(COOKIES);
    expect(Array.from({ length: block.count }, (_, index) => [block.name(index), block.value(index)])).toEqual(
      COOKIES.map(([name, value]) => [name, value]),
    );
  });

  test("finds fields by their name in lower case, one after the other", () => {
    const block = buildFieldBlock(COOKIES);
    expect([block.find("cookie", 0), block.find("cookie", 2), block.find("cookie", 3)]).toEqual([1, 2, -1]);
    expect([block.get("cookie"), block.get("x-empty"), block.get("accept")]).toEqual(["b=1", "", null]);
  });

  test("tells fields of one name, whatever its case, from others", () => {
    const block = buildFieldBlock(COOKIES);
    expect([block.isSameName(1, 2), block.isSameName(0, 1), block.isSameName(3, 3)]).toEqual([true, false, true]);
  });

  test("tells names of one hash apart", () => {
    // The hash folds bit 5 of every octet, so that it need not know letters from others.
    expect(hashName("x^")).toBe(hashName("x~"));
    const block = buildFieldBlock([
      ["x^", "1"],
      ["X~", "2"],
    ]);
    expect([block.find("x~", 0), block.isSameName(0, 1)]).toEqual([1, false]);
  });

  test("leaves out every field of a name, side by side and last too", () => {
    const block = buildFieldBlock(COOKIES);
    block.remove("cookie");
    expect(Array.from({ length: block.count }, (_, index) => block.name(index))).toEqual(["Host", "X-Empty"]);
    block.remove("x-empty");
    block.remove("accept");
    expect([block.count, block.get("host")]).toEqual([1, "a"]);
  });

  test("grows beyond the room it started with", () => {
    const fields = Array.from({ length: 100 }, (_, index) => [`A${index}`, `${index}`] as const);
    const block = buildFieldBlock(fields, 1);
    expect(block.count).toBe(100);
    expect([block.get("a0"), block.get("a50"), block.get("a99")]).toEqual(["0", "50", "99"]);
    expect(() => new FieldBlock(0)).toThrow("room to grow");
  });

  test("forgets everything when it is cleared for other bytes", () => {
    const block = buildFieldBlock(COOKIES);
    const bytes = Buffer.from("A: 1");
    block.clear(bytes);
    expect([block.count, block.get("host")]).toEqual([0, null]);
    block.add(0, 1, 3, 4, hashName("a"));
    expect(block.get("a")).toBe("1");
  });

  test("hands out a copy that stands on other bytes", () => {
    const block = buildFieldBlock(COOKIES);
    const copy = block.cloneOnto(Buffer.from(block.bytes.subarray(6)), 6);
    block.clear(Buffer.alloc(0));
    expect([copy.count, copy.get("cookie"), copy.nameHash(0)]).toEqual([4, "b=1", hashName("host")]);
  });
});

describe("hashName", () => {
  test("is what decoders compute from either letter case", () => {
    let hash = 0;
    for (const octet of Buffer.from("X-Request-ID")) hash = (Math.imul(hash, 31) + (octet | 0x20)) | 0;
    expect(hashName("x-request-id")).toBe(hash >>> 0);
  });
});
