import { describe, expect, test } from "bun:test";

import { parseRequestPath, PATH_BYTES_MAX } from "./request-path.ts";

describe("parseRequestPath", () => {
  test.each([
    ["/", "", true],
    ["/a.txt", "a.txt", false],
    ["/a/b.css", "a/b.css", false],
    ["/a/", "a", true],
    ["/a%20b", "a b", false],
    ["/%61", "a", false],
    ["/100%25", "100%", false],
    ["/%252e%252e/x", "%2e%2e/x", false],
    ["/a.txt.", "a.txt.", false],
    ["/...", "...", false],
    ["/a:b", "a:b", false],
    ["/%C3%A9", "\u00c3\u00a9", false],
  ])("%s names %p", (path, name, isDirectory) => {
    expect(parseRequestPath(path)).toEqual({ name, isDirectory });
  });

  test.each([
    "",
    "*",
    "a",
    "//",
    "//a",
    "/a//b",
    "/a//",
    "/.",
    "/..",
    "/../a",
    "/a/../b",
    "/a/..",
    "/a/./b",
    "/%2e%2e/a",
    "/.%2E/a",
    "/..%2fa",
    "/a%2Fb",
    "/%2f",
    "/..%5ca",
    "/..\\a",
    "/a\\b",
    "/%00",
    "/a%00.txt",
    "/a%0a",
    "/a%7f",
    "/%",
    "/%2",
    "/%zz",
    "/%c0%ae%c0%ae/a",
    "/%c0%af",
    "/%e0%80%ae",
    "/%f0%80%80%ae",
    "/%ed%a0%80",
    "/%ff",
    "/\u00ff",
    "/%u002e",
  ])("%j names no file", (path) => {
    expect(parseRequestPath(path)).toBeNull();
  });

  test("takes names and paths as long as the system does, and no longer", () => {
    expect(parseRequestPath(`/${"a".repeat(255)}`)).not.toBeNull();
    expect(parseRequestPath(`/${"a".repeat(256)}`)).toBeNull();
    expect(parseRequestPath(`/${"%61".repeat(255)}`)).not.toBeNull();
    const long = "/a".repeat(PATH_BYTES_MAX / 2);
    expect(parseRequestPath(long)).not.toBeNull();
    expect(parseRequestPath(`${long}/a`)).toBeNull();
  });
});
