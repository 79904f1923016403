import { describe, expect, test } from "bun:test";

import { plainUrlOf, rawUrlOf } from "./request-url.ts";

const wireOf = (uri: string, host = "a.example"): Record<string, string> => ({ uri, host, scheme: "http" });

describe("plainUrlOf", () => {
  test.each(["/", "/a/b.html", "/a%2fb", "/a?b=c&d=%20", "//b.example/c", "/a..b/c...", "/?a/../b", "/a/@b;c=d/"])(
    "takes %p as it is",
    (uri) => {
      expect(plainUrlOf(wireOf(uri))).toBe(new Request(`http://a.example${uri}`).url);
    },
  );

  test.each([
    "/a/../b",
    "/.",
    "/%2e%2E/a",
    "/a b",
    "/a#b",
    "/a?b'c",
    '/"',
    "/a\\b",
    "/\u00ff",
    "/{a}",
    "*",
    "http://b.example/",
  ])("leaves %p to the platform", (uri) => {
    expect(plainUrlOf(wireOf(uri))).toBeNull();
  });

  test.each([
    ["a.example:8080", true],
    ["127.0.0.1:80", false],
    ["A.example", false],
    ["127.1", false],
    ["[::1]:8080", true],
    ["u:p@a.example", false],
    ["", true],
    ["a.example/b", false],
    ["a b", false],
  ])("of the host %p", (host, isPlain) => {
    expect(plainUrlOf(wireOf("/", host)) !== null).toBe(isPlain);
  });

  test("never differs from what the platform makes of it", () => {
    const letters = [
      "/",
      ".",
      "..",
      "%2e",
      "%2F",
      "a",
      "?",
      "#",
      "'",
      "&",
      "=",
      ";",
      "@",
      ":",
      "\\",
      "|",
      "~",
      "%",
      "*",
      "^",
    ];
    let seed = 1;
    const next = (below: number): number => (seed = (seed * 48_271) % 2_147_483_647) % below;
    let plainCount = 0;
    for (let round = 0; round < 20_000; round++) {
      const uri = `/${Array.from({ length: next(8) }, () => letters[next(letters.length)]).join("")}`;
      const plain = plainUrlOf(wireOf(uri));
      if (plain === null) continue;
      plainCount++;
      expect(plain).toBe(new Request(rawUrlOf(wireOf(uri))).url);
    }
    expect(plainCount).toBeGreaterThan(1_000);
  });

  test("does not grow with the hosts that clients name", () => {
    for (let at = 0; at < 3_000; at++) expect(plainUrlOf(wireOf("/", `h${at}.example`))).toBe(`http://h${at}.example/`);
  });

  test("takes no time from a target that nearly fits", () => {
    expect(plainUrlOf(wireOf(`/${"a/".repeat(50_000)}\u0001`))).toBeNull();
  });
});
