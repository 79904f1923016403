import { describe, expect, test } from "bun:test";

import { isEntityTag, listHasTag, matchesStrongly, matchesWeakly, weaken } from "./entity-tag.ts";

describe("entity tags", () => {
  // RFC 9110 §8.8.3.2, the table of its example.
  test.each([
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
  ])("%s and %s match strongly: %p, weakly: %p", (a, b, isStrong, isWeak) => {
    expect(matchesStrongly(a, b)).toBe(isStrong);
    expect(matchesWeakly(a, b)).toBe(isWeak);
  });

  test.each([
    ['"1"', true],
    ['"0", "1"', true],
    [' ,, "0",\t"1" ,', true],
    ['W/"1"', true],
    ['"a,b", "1"', true],
    ['"0"', false],
    ["1", false],
    ['"0" "1"', false],
    ['w/"1"', false],
    ['"1', false],
    ["", false],
  ])("%s has the tag: %p", (list, isFound) => {
    expect(listHasTag(list, '"1"', matchesWeakly)).toBe(isFound);
  });

  test("reads a list of any length in one pass", () => {
    const list = `${'"0", '.repeat(100_000)}"1"`;
    expect(listHasTag(list, '"1"', matchesStrongly)).toBe(true);
    expect(listHasTag(`"0"${" ".repeat(100_000)}x`, '"1"', matchesStrongly)).toBe(false);
  });

  test("weakens once", () => {
    expect(weaken('"1"')).toBe('W/"1"');
    expect(weaken('W/"1"')).toBe('W/"1"');
  });

  test("tells a tag from what is none", () => {
    expect(['"a"', 'W/"a"', '""'].every(isEntityTag)).toBe(true);
    expect(["a", '"a', '"a" ', '"a"b"', "*"].some(isEntityTag)).toBe(false);
  });
});
