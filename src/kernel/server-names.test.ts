import { describe, expect, test } from "bun:test";

import { ServerNames } from "./server-names.ts";

describe("ServerNames", () => {
  const names = new ServerNames<string>();
  names.add("Example.org", "exact");
  names.add("*.example.org", "wildcard");
  names.add("example.org", "second");
  names.add("www.example.org", "deep");

  test.each([
    ["example.org", "exact"],
    ["EXAMPLE.ORG", "exact"],
    ["www.example.org", "deep"],
    ["api.example.org", "wildcard"],
    ["API.example.org", "wildcard"],
    ["a.b.example.org", undefined],
    [".example.org", undefined],
    ["*.example.org", "wildcard"],
    ["example.com", undefined],
    ["org", undefined],
    ["", undefined],
    ["constructor", undefined],
    ["__proto__", undefined],
  ])("finds for %p: %p", (name, expected) => {
    expect(names.find(name)).toBe(expected);
  });

  test.each([
    ["example.org", true],
    ["*.example.org", true],
    ["localhost", true],
    ["a_b.example.org", true],
    ["xn--bcher-kva.example", true],
    ["*", false],
    ["*.*.example.org", false],
    ["www.*.org", false],
    ["exa mple.org", false],
    ["-a.org", false],
    ["a..org", false],
    ["a.org.", false],
    ["", false],
    ["a".repeat(64), false],
    [`${"a.".repeat(126)}a`, true],
    [`${"a.".repeat(127)}a`, false],
  ])("takes %p as a name: %p", (name, expected) => {
    expect(ServerNames.isName(name)).toBe(expected);
  });
});
