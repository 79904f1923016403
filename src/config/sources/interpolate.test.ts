import { describe, expect, test } from "bun:test";
import { quickestMs } from "../../../test/support/quickest-ms.ts";
import { interpolate } from "./interpolate.ts";

const ENVIRONMENT = { NAME: "value", EMPTY: "", NESTED: "${NAME}", YAML: "a: [b]" };

describe("interpolate", () => {
  test.each([
    ["no reference", "no reference"],
    ["${NAME}", "value"],
    ["a ${NAME} b ${NAME}", "a value b value"],
    ["${EMPTY}", ""],
    ["${EMPTY:-default}", "default"],
    ["${MISSING:-default}", "default"],
    ["${MISSING:-}", ""],
    ["${NAME:-default}", "value"],
    ["${MISSING:-a:-b}", "a:-b"],
    ["$${NAME}", "${NAME}"],
    ["$NAME and 5$ and $$", "$NAME and 5$ and $$"],
    ["${NESTED}", "${NAME}"],
    ["${YAML}", "a: [b]"],
  ])("%s is %s", (text, expected) => {
    expect(interpolate(text, ENVIRONMENT)).toEqual({ text: expected, undefinedNames: [], malformed: [] });
  });

  test("names every variable without value and default", () => {
    expect(interpolate("${A}${NAME}${B}", ENVIRONMENT).undefinedNames).toEqual(["A", "B"]);
  });

  test.each(["${}", "${1A}", "${A B}", "${A-b}", "${A:=b}", "${A", "${NAME:-${NAME}}"])(
    "finds %s malformed",
    (text) => {
      expect(interpolate(text, ENVIRONMENT).malformed).not.toEqual([]);
    },
  );

  test("takes time linear in the text, whatever it is", () => {
    const text = "${".repeat(100_000) + "${A:-".repeat(100_000);
    expect(quickestMs(() => interpolate(text, {}))).toBeLessThan(1_000);
  });
});
