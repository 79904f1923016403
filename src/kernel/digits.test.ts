import { describe, expect, test } from "bun:test";
import { countDigits, DIGITS_VALUE_MAX, putDigits } from "./digits.ts";

describe("digits", () => {
  test.each([0, 1, 9, 10, 99, 100, 101, 999, 1_000, 65_535, 1_000_000, DIGITS_VALUE_MAX])("of %d", (value) => {
    const bytes = Buffer.alloc(14, "-");
    const count = countDigits(value);
    putDigits(bytes, 2, count, value);
    expect(bytes.toString()).toBe(`--${value}`.padEnd(14, "-"));
  });

  test("are as many as are asked for", () => {
    const bytes = Buffer.alloc(4);
    putDigits(bytes, 0, 4, 42);
    expect(bytes.toString()).toBe("0042");
    putDigits(bytes, 0, 4, 123_456);
    expect(bytes.toString()).toBe("3456");
  });
});
