import { describe, expect, test } from "bun:test";

import { fieldListOf, plainFieldList } from "./field-list.ts";

describe("fieldListOf", () => {
  test("has each name once as people write it, and cookies apart", () => {
    const headers = new Headers({ "content-type": "a/b", "x-name": "1" });
    headers.append("X-Name", "2");
    headers.append("set-cookie", "a=1, b");
    headers.append("set-cookie", "c=2");
    expect(new Map(fieldListOf(headers) as [string, unknown][])).toEqual(
      new Map<string, unknown>([
        ["Content-Type", "a/b"],
        ["X-Name", "1, 2"],
        ["Set-Cookie", ["a=1, b", "c=2"]],
      ]),
    );
  });
});

describe("plainFieldList", () => {
  test.each([
    [{}],
    [{ "Content-Type": "a/b", "x-NAME": "a  b\tc" }],
    [{ "x-empty": "" }],
    [{ "set-cookie": "a=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT" }],
    [
      new Headers([
        ["a", "1"],
        ["A", "2"],
      ]),
    ],
  ])("is for %p what the platform makes of it", (init) => {
    const list = plainFieldList(init)!.map(([name, value]) => [name.toLowerCase(), [value].flat().join(", ")]);
    expect(Object.fromEntries(list)).toEqual(Object.fromEntries(new Headers(init)));
  });

  test.each([
    ["pairs", [["a", "1"]]],
    ["one name in two ways", { a: "1", A: "2" }],
    ["no name", { "": "1" }],
    ["a name with a space", { "a b": "1" }],
    ["a name with a line end", { "a\n": "1" }],
    ["a value with space around it", { a: " 1" }],
    ["a value with a line end", { a: "1\r\nb: 2" }],
    ["a value beyond ASCII", { a: "é" }],
    ["a number", { a: 1 }],
    ["nothing", null],
    ["another class", new Map([["a", "1"]])],
    ["text", "a: 1"],
  ])("leaves %s to the platform", (_, init) => {
    expect(plainFieldList(init)).toBeNull();
  });
});
