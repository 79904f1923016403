import { describe, expect, test } from "bun:test";
import { countOf, isGiven, valueOf } from "./given-flags.ts";
import { UsageError } from "./usage-error.ts";

const LINES = { name: "lines", value: "NUMBER", summary: "How many" };
const RANGE = { min: 0, max: 500, otherwise: 100 };

const given = (...values: readonly string[]) => values.map((value) => ({ name: "lines", value }));

describe("valueOf", () => {
  test("takes the last of several, and null where there is none", () => {
    expect(valueOf(given("1", "2"), LINES)).toBe("2");
    expect(valueOf([], LINES)).toBeNull();
    expect([isGiven(given(""), LINES), isGiven([], LINES)]).toEqual([true, false]);
  });
});

describe("countOf", () => {
  test("takes both ends of the range, and the default where nothing was given", () => {
    expect([countOf(given("0"), LINES, RANGE), countOf(given("500"), LINES, RANGE)]).toEqual([0, 500]);
    expect(countOf([], LINES, RANGE)).toBe(100);
  });

  test("suggests the bound that was passed", () => {
    const hintOf = (text: string): unknown => {
      try {
        return countOf(given(text), LINES, RANGE);
      } catch (error) {
        return (error as UsageError).hint;
      }
    };
    expect([hintOf("501"), hintOf("-1")]).toEqual(["try: --lines 500", "try: --lines 1"]);
  });

  test.each(["501", "-1", "1.5", "many", "", "1e2"])("refuses %j", (text) => {
    const refused = (): number => countOf(given(text), LINES, RANGE);
    expect(refused).toThrow(UsageError);
    expect(refused).toThrow(`Cannot use --lines: it is "${text}", a whole number from 0 to 500 is allowed`);
  });
});
