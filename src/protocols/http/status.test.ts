import { describe, expect, test } from "bun:test";

import { isBodylessStatus, REASON_PHRASES, reasonPhrase } from "./status.ts";

describe("reasonPhrase", () => {
  test("knows registered codes and is empty for the rest", () => {
    expect([200, 404, 503].map(reasonPhrase)).toEqual(["OK", "Not Found", "Service Unavailable"]);
    expect([299, 418, 999].map(reasonPhrase)).toEqual(["", "", ""]);
  });

  test("is made of what a status line may hold", () => {
    for (const phrase of Object.values(REASON_PHRASES)) expect(phrase).toMatch(/^[A-Za-z -]+$/);
  });
});

describe("isBodylessStatus", () => {
  test("is true for 1xx, 204 and 304", () => {
    expect([100, 101, 103, 199, 204, 304].map(isBodylessStatus)).toEqual([true, true, true, true, true, true]);
    expect([200, 203, 205, 206, 300, 303, 305, 404, 500].some(isBodylessStatus)).toBe(false);
  });
});
