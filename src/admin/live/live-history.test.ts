import { describe, expect, test } from "bun:test";
import { LiveHistory } from "./live-history.ts";
import type { LivePoint } from "./live-point.ts";

function historyOf(...times: readonly number[]): readonly number[] {
  const history = new LiveHistory();
  for (const atMs of times) history.add({ atMs } as LivePoint);
  return history.points.map(({ atMs }) => atMs);
}

describe("LiveHistory", () => {
  test("keeps the last 600 points", () => {
    const times = Array.from({ length: 601 }, (_, index) => index);
    expect(historyOf(...times)).toEqual(times.slice(1));
  });

  test("forgets what a clock that is set back calls the future, and keeps going after one that leaps", () => {
    expect(historyOf(1, 2, 3, 2, 3)).toEqual([1, 2, 3]);
    expect(historyOf(10, 20, 5)).toEqual([5]);
    expect(historyOf(1, 9_000, 9_001)).toEqual([1, 9_000, 9_001]);
  });
});
