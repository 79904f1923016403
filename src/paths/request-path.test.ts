import { describe, expect, test } from "bun:test";
import { type EncodedSlashes, readPath, segmentText } from "./request-path.ts";

/** Reads a path from the middle of a buffer; `\xNN` in the text is that byte. */
function read(path: string, encodedSlashes: EncodedSlashes = "refuse"): string {
  const bytes = Buffer.from(`GET ${path} HTTP/1.1`, "latin1");
  const result = readPath(bytes, 4, 4 + path.length, encodedSlashes);
  return typeof result === "string" ? result : `refused: ${result.reason}`;
}

describe("readPath", () => {
  test.each([
    ["", "/"],
    ["/", "/"],
    ["/users/42", "/users/42"],
    ["/users/", "/users/"],
    ["/a;b=1/~x/a..b/...", "/a;b=1/~x/a..b/..."],
    ["/.well-known/x", "/.well-known/x"],
    ["/%61dmin", "/admin"],
    ["/caf%C3%A9", "/café"],
    ["/caf\xc3\xa9", "/café"],
    ["/%25", "/%"],
    ["/%252e%252e/x", "/%2e%2e/x"],
    ["/a%0ab", "/a\nb"],
    ["//admin///x", "/admin/x"],
    ["/x//", "/x/"],
  ])("reads %j as %j", (path, expected) => {
    expect(read(path)).toBe(expected);
  });

  test.each([
    ["/..", "dot segment"],
    ["/a/../b", "dot segment"],
    ["/a/./b", "dot segment"],
    ["/a/.", "dot segment"],
    ["/%2e%2e/b", "dot segment"],
    ["/a/.%2E", "dot segment"],
    ["/..%2fadmin", "encoded slash"],
    ["/a%2Fb", "encoded slash"],
    ["/a%5cb", "encoded slash"],
    ["/a\\b", "backslash"],
    ["/..\\b", "backslash"],
    ["/a%00", "null byte"],
    ["/%", "encoding"],
    ["/%2", "encoding"],
    ["/%zz", "encoding"],
    ["/%2g", "encoding"],
    ["/%g2", "encoding"],
    // Overlong forms of a slash and of a dot, a surrogate, a sequence that stops short, a byte of latin-1.
    ["/%c0%af", "encoding"],
    ["/%e0%80%af", "encoding"],
    ["/%c0%ae%c0%ae/x", "encoding"],
    ["/%ed%a0%80", "encoding"],
    ["/%e2%82", "encoding"],
    ["/\xe9", "encoding"],
  ])("refuses %j for its %s", (path, reason) => {
    expect(read(path)).toBe(`refused: ${reason}`);
  });

  test("keeps encoded slashes as part of a segment where it is asked to", () => {
    const path = read("/files/a%2Fb/c%5Cd", "keep");
    expect(path.split("/")).toHaveLength(4);
    expect(path.split("/").map(segmentText)).toEqual(["", "files", "a/b", "c\\d"]);
  });

  test.each(["/a%2f..%2fb", "/..%2f", "/%2f..", "/a%5c..", "/.%5cb"])("refuses the dots of %j even then", (path) => {
    expect(read(path, "keep")).toBe("refused: dot segment");
  });

  test("never reads beyond the end of the path", () => {
    const bytes = Buffer.from("/a%41");
    expect(readPath(bytes, 0, 4, "refuse")).toEqual({ reason: "encoding" });
    expect(readPath(bytes, 0, 3, "refuse")).toEqual({ reason: "encoding" });
  });
});
