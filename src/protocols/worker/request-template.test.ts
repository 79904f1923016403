import { describe, expect, test } from "bun:test";
import { requestTemplate } from "./request-template.ts";

describe("requestTemplate", () => {
  test("is made once for a timeout and a version", () => {
    const template = requestTemplate(1000, "1.0.0");
    expect(requestTemplate(1000, "1.0.0")).toBe(template);
    expect(requestTemplate(1001, "1.0.0").equals(template)).toBe(false);
    expect(requestTemplate(1000, "1.0.1").equals(template)).toBe(false);
  });

  test("keeps a bounded number and makes the others anew", () => {
    const template = requestTemplate(1, "bounded");
    for (let timeoutMs = 2; timeoutMs < 100; timeoutMs++) requestTemplate(timeoutMs, "bounded");
    const again = requestTemplate(1, "bounded");
    expect(again).not.toBe(template);
    expect(again.equals(template)).toBe(true);
  });
});
