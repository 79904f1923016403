import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { healthPathType, hostType } from "./server-types.ts";

describe("hostType", () => {
  test.each([
    ["0.0.0.0", "0.0.0.0"],
    ["127.0.0.1", "127.0.0.1"],
    ["::", "::"],
    ["[::1]", "::1"],
    ["fe80::1%eth0", "fe80::1%eth0"],
    ["localhost", "localhost"],
    ["app-1.example.com", "app-1.example.com"],
    ["example.com.", "example.com."],
  ])("takes %s", (text, host) => {
    expect(v.parse(hostType.schema, text)).toBe(host);
  });

  test.each([
    "",
    "http://localhost",
    "localhost:80",
    "[::1]:80",
    "10.0.0.256",
    "127.1",
    "-a.example",
    "a..b",
    "a b",
    "a_b",
    "a".repeat(64),
    `${"a.".repeat(127)}a`,
    "host\0",
  ])("refuses %j", (text) => {
    expect(v.is(hostType.schema, text)).toBe(false);
  });
});

describe("healthPathType", () => {
  test.each([
    ["/health", "/health"],
    ["/", "/"],
    ["/a/b%20c;d", "/a/b%20c;d"],
    ["off", ""],
    ["OFF", ""],
    ["false", ""],
    ["", ""],
  ])("takes %j", (text, path) => {
    expect(v.parse(healthPathType.schema, text)).toBe(path);
  });

  test.each(["health", "/a?b", "/a#b", "/a b", "/%zz", "/ä", "/a\n", `/${"a".repeat(256)}`])("refuses %j", (text) => {
    expect(v.is(healthPathType.schema, text)).toBe(false);
  });

  test("shows what is off as off", () => {
    expect(healthPathType.show("")).toBe("off");
    expect(healthPathType.show("/health")).toBe("/health");
  });
});
