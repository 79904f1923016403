import { describe, expect, test } from "bun:test";
import { LineBuffer } from "./line-buffer.ts";

function written(write: (line: LineBuffer) => void, escaping: "octets" | "json" = "octets"): string {
  const line = new LineBuffer(8, escaping);
  write(line);
  return line.bytes.toString("latin1", 0, line.end);
}

describe("LineBuffer", () => {
  test.each([1, 7, 8, 9, 24, 25, 5_000])("grows for %d octets, and keeps what was there", (count) => {
    const source = Buffer.alloc(count + 2, "x");
    expect(
      written((line) => {
        line.writeText("ab");
        line.writeBytes(source, 1, count + 1);
      }),
    ).toBe(`ab${"x".repeat(count)}`);
  });

  test.each([
    ["octets", 'a"é', "a\\x22\\xE9"],
    ["json", 'a"\xc3\xa9', 'a\\"\\u00e9'],
  ] as const)("escapes values for %s, from text and from octets alike", (escaping, value, expected) => {
    const octets = Buffer.from(`-${value}-`, "latin1");
    expect(written((line) => line.writeValue(value), escaping)).toBe(expected);
    expect(written((line) => line.writeOctets(octets, 1, octets.length - 1), escaping)).toBe(expected);
  });

  test("cuts values that are too long for a line", () => {
    const long = "x".repeat(5_000);
    const expected = `${"x".repeat(4_096)}...`;
    expect(written((line) => line.writeValue(long))).toBe(expected);
    expect(written((line) => line.writeOctets(Buffer.from(long), 0, long.length))).toBe(expected);
  });

  test.each([0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER])("writes the integer %d", (value) => {
    expect(written((line) => line.writeInteger(value))).toBe(String(value));
  });

  test("writes integers with as many digits as are asked for", () => {
    expect(written((line) => line.writeInteger(7, 3))).toBe("007");
    expect(written((line) => line.writeInteger(1_234, 3))).toBe("1234");
  });

  test.each([
    [0, "0.000", "0"],
    [5, "0.005", "0.005"],
    [120, "0.120", "0.12"],
    [12_000, "12.000", "12"],
    [1_791_640_536_789, "1791640536.789", "1791640536.789"],
    [2 ** 31 * 1_000 + 10, "2147483648.010", "2147483648.01"],
  ])("writes %d thousandths", (value, three, needed) => {
    expect(written((line) => line.writeThousandths(value, "three"))).toBe(three);
    expect(written((line) => line.writeThousandths(value, "needed"))).toBe(needed);
  });
});
