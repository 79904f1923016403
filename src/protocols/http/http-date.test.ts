import { describe, expect, test } from "bun:test";

import { parseHttpDate } from "./http-date.ts";

const NOW_MS = Date.UTC(2026, 5, 1);
const EXAMPLE_MS = 784_111_777_000;

describe("parseHttpDate", () => {
  test.each([
    ["Sun, 06 Nov 1994 08:49:37 GMT", EXAMPLE_MS],
    ["Sunday, 06-Nov-94 08:49:37 GMT", EXAMPLE_MS],
    ["Sun Nov  6 08:49:37 1994", EXAMPLE_MS],
    ["Thu, 01 Jan 1970 00:00:00 GMT", 0],
    ["Fri, 31 Dec 9999 23:59:59 GMT", 253_402_300_799_000],
    ["Saturday, 01-Jan-76 00:00:00 GMT", Date.UTC(2076, 0, 1)],
    ["Friday, 01-Jan-77 00:00:00 GMT", Date.UTC(1977, 0, 1)],
  ])("reads %s", (text, ms) => {
    expect(parseHttpDate(text, NOW_MS)).toBe(ms);
  });

  test.each([
    "",
    "0",
    "1994-11-06T08:49:37Z",
    "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 +0100",
    "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 06 Nov 1994 08:60:37 GMT",
    "sun, 06 nov 1994 08:49:37 gmt",
    " Sun, 06 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT; length=3",
  ])("takes %p for no date", (text) => {
    expect(parseHttpDate(text, NOW_MS)).toBeNull();
  });
});
