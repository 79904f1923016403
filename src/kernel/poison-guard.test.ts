import { describe, expect, test } from "bun:test";

import { AbandonedWriteError, PoisonGuard } from "./poison-guard.ts";

describe("PoisonGuard", () => {
  test("is armed from the beginning of a logical write to its end", () => {
    const guard = new PoisonGuard();
    expect(guard.isArmed).toBe(false);
    guard.arm();
    expect(guard.isArmed).toBe(true);
    guard.disarm();
    expect(guard.isArmed).toBe(false);
  });

  test("lets no logical write begin inside another, and none end that has not begun", () => {
    const guard = new PoisonGuard();
    expect(() => guard.disarm()).toThrow("a logical write begins before it ends");
    guard.arm();
    expect(() => guard.arm()).toThrow("one logical write ends before the next begins");
  });

  test("keeps the first error and nothing takes it out", () => {
    const guard = new PoisonGuard();
    expect(guard.error).toBeNull();
    const error = new AbandonedWriteError();
    guard.poison(error);
    guard.poison(new Error("later"));
    guard.arm();
    guard.disarm();
    expect(guard.error).toBe(error);
    expect(error.code).toBe("VILYA_CONNECTION_WRITE_ABANDONED");
  });
});
