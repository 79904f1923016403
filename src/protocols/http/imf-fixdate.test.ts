import { describe, expect, test } from "bun:test";

import { imfFixdate } from "./imf-fixdate.ts";

describe("imfFixdate", () => {
  test.each([
    [784_111_777_000, "Sun, 06 Nov 1994 08:49:37 GMT"],
    [0, "Thu, 01 Jan 1970 00:00:00 GMT"],
    [951_782_400_000, "Tue, 29 Feb 2000 00:00:00 GMT"],
    [253_402_300_799_000, "Fri, 31 Dec 9999 23:59:59 GMT"],
  ])("writes %d as %s", (nowMs, text) => {
    expect(imfFixdate(nowMs).toString("latin1")).toBe(text);
  });

  test("is made once a second", () => {
    const date = imfFixdate(1_000);
    expect(imfFixdate(1_999.9)).toBe(date);
    expect(imfFixdate(2_000).toString("latin1")).toBe("Thu, 01 Jan 1970 00:00:02 GMT");
    expect(imfFixdate(1_000).toString("latin1")).toBe("Thu, 01 Jan 1970 00:00:01 GMT");
  });
});
