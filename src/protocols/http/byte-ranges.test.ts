import { describe, expect, test } from "bun:test";

import { parseByteRanges, RANGE_COUNT_MAX } from "./byte-ranges.ts";

function shown(field: string, byteLength = 1_000): string {
  const ranges = parseByteRanges(field, byteLength);
  return typeof ranges === "string" ? ranges : ranges.map(({ start, end }) => `${start}..${end}`).join(" ");
}

describe("parseByteRanges", () => {
  test.each([
    ["bytes=0-0", "0..1"],
    ["bytes=0-", "0..1000"],
    ["bytes=500-99999", "500..1000"],
    ["bytes=-1", "999..1000"],
    ["bytes=-5000", "0..1000"],
    ["bytes=1-99999999999999999999", "1..1000"],
    ["bytes=-99999999999999999999", "0..1000"],
    ["Bytes = 1-2", "1..3"],
    ["bytes=, 0-1 ,,", "0..2"],
    ["bytes=0-1, 500-600", "0..2 500..601"],
    ["bytes=500-600, 0-1", "500..601 0..2"],
    ["bytes=0-1, 2000-", "0..2"],
  ])("reads %s as %s", (field, ranges) => {
    expect(shown(field)).toBe(ranges);
  });

  test.each([
    ["bytes=0-500, 400-600", "0..601"],
    ["bytes=600-700, 0-99, 100-200", "0..201 600..701"],
    ["bytes=0-9, 50-59", "0..60"],
    ["bytes=0-9, 90-99", "0..10 90..100"],
    ["bytes=0-, 0-, 0-", "0..1000"],
  ])("puts together what overlaps or nearly touches: %s", (field, ranges) => {
    expect(shown(field)).toBe(ranges);
  });

  test.each(["bytes=1000-", "bytes=-0", "bytes=2000-3000, 4000-", "bytes=99999999999999999999-"])(
    "cannot satisfy %s",
    (field) => {
      expect(shown(field)).toBe("unsatisfiable");
    },
  );

  test.each([
    "items=0-1",
    "bytes",
    "bytes=",
    "bytes=,",
    "bytes=5-1",
    "bytes=a-b",
    "bytes=0x0-1",
    "bytes=0-1 2-3",
    "bytes=--1",
    "bytes=0-1;2-3",
  ])("ignores %s", (field) => {
    expect(shown(field)).toBe("ignored");
  });

  test("has nothing to send of an empty representation", () => {
    expect(shown("bytes=0-", 0)).toBe("unsatisfiable");
    expect(shown("bytes=-1", 0)).toBe("unsatisfiable");
  });

  test("takes as many ranges as the limit and not one more", () => {
    const field = (count: number) => `bytes=${Array.from({ length: count }, (_, i) => `${i * 200}-${i * 200}`).join()}`;
    expect(parseByteRanges(field(RANGE_COUNT_MAX), 1_000_000)).toHaveLength(RANGE_COUNT_MAX);
    expect(parseByteRanges(field(RANGE_COUNT_MAX + 1), 1_000_000)).toBe("unsatisfiable");
    expect(parseByteRanges(field(10_000), 1_000_000_000)).toBe("unsatisfiable");
  });
});
