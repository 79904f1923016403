import { describe, expect, test } from "bun:test";

import { isText, isTextIgnoringCase, listHasToken } from "./octet-text.ts";

/** The part of `text` between brackets, among other bytes, handed to `compare`. */
function between<T>(text: string, compare: (bytes: Buffer, start: number, end: number) => T): T {
  const start = text.indexOf("[");
  return compare(Buffer.from(text.replace("[", "").replace("]", ""), "latin1"), start, text.indexOf("]") - 1);
}

describe("isText", () => {
  test.each([
    ["GET[/a]b", "/a", true],
    ["GET[/a]b", "/ab", false],
    ["GET[/a]b", "/", false],
    ["GET[/A]b", "/a", false],
    ["GET[]b", "", true],
    ["GET[/a]", "/ab", false],
  ])("%s is %s: %p", (text, other, isSame) => {
    expect(between(text, (bytes, start, end) => isText(bytes, start, end, other))).toBe(isSame);
  });
});

describe("isTextIgnoringCase", () => {
  test.each([
    ["[Host]:", "host", true],
    ["[HOST]:", "host", true],
    ["[Hos]t:", "host", false],
    ["[Host]s:", "hosts", false],
    // These differ from letters in the one bit that tells upper from lower case.
    ["[A@B]", "a`b", false],
    ["[X[Y]", "x{y", false],
  ])("%s is %s: %p", (text, other, isSame) => {
    expect(between(text, (bytes, start, end) => isTextIgnoringCase(bytes, start, end, other))).toBe(isSame);
  });
});

describe("listHasToken", () => {
  test.each([
    ["[close]", true],
    ["[Close]", true],
    ["[keep-alive, close]", true],
    ["[keep-alive,\t close \t, x]", true],
    ["[, ,close,,]", true],
    ["[closed]", false],
    ["[not-close]", false],
    ["[clo se]", false],
    ["[keep-alive], close", false],
    ["[clos]e", false],
    ["[]close", false],
    ["[,]", false],
    ["[ ]", false],
  ])("%s has close: %p", (text, isListed) => {
    expect(between(text, (bytes, start, end) => listHasToken(bytes, start, end, "close"))).toBe(isListed);
  });
});
