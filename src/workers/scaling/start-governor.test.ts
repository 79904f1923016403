import { describe, expect, test } from "bun:test";
import { StartGovernor } from "./start-governor.ts";

const MOST = 1 - Number.EPSILON;

describe("StartGovernor", () => {
  test("waits after a failed start, longer each time up to five seconds", () => {
    const governor = new StartGovernor(4, () => MOST);
    const waits = Array.from({ length: 8 }, () => Math.round(governor.onStartFailed()));
    expect(waits).toEqual([100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]);
  });

  test("cuts each wait at random, by up to half", () => {
    const governor = new StartGovernor(4, () => 0);
    expect([governor.onStartFailed(), governor.onStartFailed()]).toEqual([50, 100]);
  });

  test("calls it failing from the second failure in a row on", () => {
    const governor = new StartGovernor(1);
    governor.onStartFailed();
    expect(governor.isFailing).toBe(false);
    governor.onStartFailed();
    expect(governor.isFailing).toBe(true);
    governor.onServed();
    expect(governor.isFailing).toBe(false);
    expect(governor.failureCount).toBe(0);
  });

  test("tries one worker at a time until one is ready", () => {
    const governor = new StartGovernor(1);
    expect(governor.isProbing).toBe(false);
    governor.onStartFailed();
    expect(governor.isProbing).toBe(true);
    governor.onReady();
    expect(governor.isProbing).toBe(false);
  });

  test("being ready is not enough to be forgiven", () => {
    const governor = new StartGovernor(1, () => MOST);
    governor.onStartFailed();
    governor.onReady();
    expect(Math.round(governor.onStartFailed())).toBe(200);
  });

  test("lets each worker and its replacement crash on a first request before it waits", () => {
    const governor = new StartGovernor(2, () => MOST);
    const waits = Array.from({ length: 8 }, () => Math.round(governor.onFirstRequestCrashed()));
    expect(waits).toEqual([0, 0, 0, 0, 0, 100, 200, 400]);
    governor.onServed();
    expect(governor.onFirstRequestCrashed()).toBe(0);
  });
});
