import { describe, expect, test } from "bun:test";
import { escapeUnprintable, quote } from "./printable.ts";

describe("escapeUnprintable", () => {
  test.each([
    ["plain text, grüße, 日本, 🙂", "plain text, grüße, 日本, 🙂"],
    ["a\nb\r\tc", "a\\nb\\r\\tc"],
    ["\0\u001b[2J\u007f\u009b", "\\u{0}\\u{1b}[2J\\u{7f}\\u{9b}"],
    ["\u2028\u2029", "\\u{2028}\\u{2029}"],
    ["\u202edesrever\u2066", "\\u{202e}desrever\\u{2066}"],
    ["\u200bhidden\ufeff", "\\u{200b}hidden\\u{feff}"],
    ["\ud800", "\\u{d800}"],
    ["\u{e0001}", "\\u{e0001}"],
  ])("%j becomes %j", (text, escaped) => {
    expect(escapeUnprintable(text)).toBe(escaped);
  });
});

describe("quote", () => {
  test.each([
    ["", '""'],
    ['say "no"', '"say \\"no\\""'],
    ["a\\n", '"a\\\\n"'],
    ["a\n", '"a\\n"'],
  ])("%j becomes %s", (text, quoted) => {
    expect(quote(text)).toBe(quoted);
  });

  test("cuts after the given length", () => {
    expect(quote("abcd", 4)).toBe('"abcd"');
    expect(quote("abcde", 4)).toBe('"abcd…"');
  });
});
