import { describe, expect, test } from "bun:test";
import { nearest } from "./nearest.ts";

const WORDS = ["port", "host", "workers", "max_requests", "debug", "warn", "auto", "off"];

describe("nearest", () => {
  test.each([
    ["prot", "port"],
    ["prt", "port"],
    ["portt", "port"],
    ["Port", "port"],
    ["wrokers", "workers"],
    ["max-requests", "max_requests"],
    ["maxrequests", "max_requests"],
    ["warning", "warn"],
    ["atuo", "auto"],
  ])("takes %s for %s", (word, expected) => {
    expect(nearest(word, WORDS)).toBe(expected);
  });

  test.each(["", "x", "xyz", "verbose", "completely_different", "p".repeat(100)])("takes %j for nothing", (word) => {
    expect(nearest(word, WORDS)).toBeNull();
  });

  test("prefers the nearest of several", () => {
    expect(nearest("hosts", ["ghost", "hosts_file", "host"])).toBe("host");
  });
});
