import { describe, expect, test } from "bun:test";
import { LINE_BYTES_MAX, LineSplitter } from "./line-splitter.ts";

/** The lines of `text`, fed in pieces of `pieceBytes`. */
function split(text: string, pieceBytes: number): string[] {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line.toString("latin1")));
  const bytes = Buffer.from(text, "latin1");
  for (let start = 0; start < bytes.length; start += pieceBytes)
    splitter.push(bytes.subarray(start, start + pieceBytes));
  splitter.flush();
  return lines;
}

describe("LineSplitter", () => {
  test.each([
    ["", []],
    ["one\n", ["one"]],
    ["one", ["one"]],
    ["one\ntwo\r\nthree", ["one", "two", "three"]],
    ["\n\n\r\n a \n\n", [" a "]],
    ["a\rb\n", ["a\rb"]],
    ["\xff\xfe\n\x00\n", ["\xff\xfe", "\x00"]],
  ])("yields the same lines of %j however it is split", (text, lines) => {
    for (let pieceBytes = 1; pieceBytes <= text.length + 1; pieceBytes++)
      expect(split(text, pieceBytes)).toEqual(lines);
  });

  test.each([LINE_BYTES_MAX - 1, LINE_BYTES_MAX, LINE_BYTES_MAX + 1, LINE_BYTES_MAX * 5])(
    "cuts a line of %p bytes at the limit and goes on with the next",
    (count) => {
      const expected = ["x".repeat(Math.min(count, LINE_BYTES_MAX)), "next"];
      for (const pieceBytes of [1, 100, 4_096, 8_191, 8_192, 8_193, 1 << 20]) {
        expect(split(`${"x".repeat(count)}\nnext\n`, pieceBytes)).toEqual(expected);
      }
    },
  );

  test("shows a line that has not ended, once", () => {
    const lines: string[] = [];
    const splitter = new LineSplitter((line) => lines.push(String(line)));
    splitter.push(Buffer.from("working"));
    expect(splitter.hasPartial).toBe(true);
    splitter.flush();
    splitter.flush();
    splitter.push(Buffer.from(" done\n"));
    expect(lines).toEqual(["working", " done"]);
    expect(splitter.hasPartial).toBe(false);
  });
});
