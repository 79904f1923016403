import { describe, expect, test } from "bun:test";

import { Backoff, type BackoffOptions } from "./backoff.ts";

const LAST_RANDOM = 1 - Number.EPSILON;

function waits(count: number, options: Partial<BackoffOptions>): number[] {
  const backoff = new Backoff({ delayMsMin: 100, delayMsMax: 1_000, ...options });
  return Array.from({ length: count }, () => Math.round(backoff.next()));
}

describe("Backoff", () => {
  test("doubles its ceiling up to the maximum", () => {
    expect(waits(6, { jitter: "none" })).toEqual([100, 200, 400, 800, 1_000, 1_000]);
    expect(waits(4, { jitter: "none", factor: 3 })).toEqual([100, 300, 900, 1_000]);
    expect(waits(3, { jitter: "none", factor: 1 })).toEqual([100, 100, 100]);
  });

  test("chooses from the upper half by default, from everything with full jitter", () => {
    expect(waits(3, { random: () => 0 })).toEqual([50, 100, 200]);
    expect(waits(3, { random: () => LAST_RANDOM })).toEqual([100, 200, 400]);
    expect(waits(3, { random: () => 0.5, jitter: "full" })).toEqual([50, 100, 200]);
    expect(waits(3, { random: () => 0, jitter: "full" })).toEqual([0, 0, 0]);
  });

  test("begins anew after a success, and after what failed had lasted long enough", () => {
    const backoff = new Backoff({ delayMsMin: 100, delayMsMax: 1_000, jitter: "none", healthyAfterMs: 5_000 });
    expect([backoff.next(), backoff.next(), backoff.next(4_999)]).toEqual([100, 200, 400]);
    expect(backoff.attemptCount).toBe(3);
    expect([backoff.next(5_000), backoff.next()]).toEqual([100, 200]);
    expect(backoff.attemptCount).toBe(2);
    backoff.reset();
    expect(backoff.attemptCount).toBe(0);
    expect(backoff.next()).toBe(100);
  });

  test("never overflows, however often it is asked", () => {
    expect(waits(5_000, { jitter: "none", factor: 1_000 }).at(-1)).toBe(1_000);
  });

  test.each([
    { delayMsMin: 0, delayMsMax: 1 },
    { delayMsMin: 2, delayMsMax: 1 },
    { delayMsMin: 1, delayMsMax: 1, factor: 0.5 },
  ])("has no sense with %j", (options) => {
    expect(() => new Backoff(options)).toThrow("invariant broken");
  });
});
