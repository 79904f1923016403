import { describe, expect, test } from "bun:test";
import { hashCharacter, SegmentTexts } from "./segment-texts.ts";

function textsOf(texts: readonly string[]): SegmentTexts<string> {
  const table = new SegmentTexts<string>();
  for (const text of texts) table.add(text, text);
  return table;
}

function findIn(table: SegmentTexts<string>, path: string, start: number, end: number): string | null {
  let hash = 0;
  for (let at = start; at < end; at++) hash = hashCharacter(hash, path.charCodeAt(at));
  return table.find(hash, path, start, end);
}

describe("SegmentTexts", () => {
  test("finds each of a thousand texts inside of another, and nothing else", () => {
    const texts = Array.from({ length: 1_000 }, (_, index) => `text-${index}`);
    const table = textsOf(texts);
    expect(table.count).toBe(1_000);
    for (const text of texts) expect(findIn(table, `/${text}/x`, 1, 1 + text.length)).toBe(text);
    expect(findIn(table, "/text-1000/", 1, 10)).toBeNull();
    expect(findIn(table, "/text-99/x", 1, 7)).toBe("text-9");
  });

  test("tells texts with one hash apart", () => {
    // 31 * 65 + 97 = 31 * 66 + 66.
    const table = textsOf(["Aa", "BB"]);
    expect([table.get("Aa"), table.get("BB"), table.get("AB")]).toEqual(["Aa", "BB", null]);
  });

  test("knows the empty text and names of the language for what they are", () => {
    expect(textsOf([]).get("")).toBeNull();
    expect(textsOf([""]).get("")).toBe("");
    expect(textsOf(["a"]).get("__proto__")).toBeNull();
    expect(textsOf(["é"]).get("é")).toBe("é");
  });
});
