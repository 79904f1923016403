import { describe, expect, test } from "bun:test";

import { decodeDecimal } from "./decimal.ts";

function decode(text: string): number {
  // What follows the number would belong to it.
  return decodeDecimal(Buffer.from(`1${text}1`, "latin1"), 1, 1 + text.length);
}

describe("decodeDecimal", () => {
  test.each([
    ["0", 0],
    ["7", 7],
    ["007", 7],
    ["1048576", 1_048_576],
    ["9007199254740991", Number.MAX_SAFE_INTEGER],
    ["0000000000000000009007199254740991", Number.MAX_SAFE_INTEGER],
  ])("reads %s", (text, value) => {
    expect(decode(text)).toBe(value);
  });

  test.each([
    "",
    " ",
    "-1",
    "+1",
    "1 ",
    " 1",
    "1.0",
    "0x1",
    "1e3",
    "1_0",
    "\xb2",
    "a",
    "/",
    ":",
    "9007199254740992",
    "9".repeat(400),
  ])("refuses %j", (text) => {
    expect(decode(text)).toBe(-1);
  });
});
