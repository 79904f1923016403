import { describe, expect, test } from "bun:test";
import { AUTO_DEPTH_MAX, PrefetchGovernor, SLOW_MS } from "./prefetch.ts";

/** Lets `count` answers arrive one by one, each after `answerMs`. */
function serve(governor: PrefetchGovernor, count: number, answerMs: number): void {
  for (let i = 0; i < count; i++) governor.observe(answerMs, 1);
}

describe("PrefetchGovernor", () => {
  test("off means one call at a time, whatever is measured", () => {
    const governor = new PrefetchGovernor("off");
    serve(governor, 100_000, 0.05);
    expect(governor.depth).toBe(1);
    expect(governor.isAdaptive).toBe(false);
  });

  test("a number is taken as it is, even after slow answers", () => {
    const governor = new PrefetchGovernor(7);
    expect(governor.depth).toBe(8);
    serve(governor, 1_000, 5_000);
    expect(governor.depth).toBe(8);
  });

  test("auto writes nothing ahead before 500 fast answers, and goes deeper as it learns", () => {
    const governor = new PrefetchGovernor("auto");
    const reached = new Map<number, number>();
    for (let count = 1; count <= 40_000; count++) {
      governor.observe(0.03, 1);
      if (!reached.has(governor.depth)) reached.set(governor.depth, count);
    }
    expect(reached.get(2)).toBe(500);
    expect(reached.get(8)).toBe(3_500);
    expect(reached.get(AUTO_DEPTH_MAX)).toBe(15_500);
    expect(Math.max(...reached.keys())).toBe(AUTO_DEPTH_MAX);
    expect(governor.depth).toBe(AUTO_DEPTH_MAX);
  });

  test.each([
    [0.03, 32],
    [0.25, 8],
    [0.5, 4],
    [0.9, 2],
    [1.5, 1],
    [9, 1],
    [500, 1],
  ])("auto holds two milliseconds of work: answers of %p ms make a depth of %p", (answerMs, depth) => {
    const governor = new PrefetchGovernor("auto");
    serve(governor, 30_000, answerMs);
    expect(governor.depth).toBe(depth);
  });

  test("a batch counts for each of its answers", () => {
    const governor = new PrefetchGovernor("auto");
    for (let i = 0; i < 100; i++) governor.observe(1, 32);
    expect(governor.depth).toBe(7);
  });

  test("one slow answer switches it off for a while, a longer one for longer", () => {
    const backAfter = (slowMs: number): number => {
      const governor = new PrefetchGovernor("auto");
      serve(governor, 30_000, 0.05);
      governor.observe(slowMs, 1);
      expect(governor.depth).toBe(1);
      let count = 0;
      for (; governor.depth === 1; count++) governor.observe(0.05, 1);
      return count;
    };
    expect(backAfter(100)).toBeGreaterThan(20);
    expect(backAfter(1_000)).toBeGreaterThan(backAfter(100));
    expect(backAfter(30_000)).toBeLessThan(500);
  });

  test.each([
    [1 / 100, 1],
    [1 / 500, 1],
    [1 / 2_000, 5],
    [1 / 10_000, 21],
  ])(
    "with a share of %p slow answers lets at most one call in 500 wait behind one: depth %p at most",
    (share, depthMax) => {
      const governor = new PrefetchGovernor("auto");
      let delayedCount = 0;
      let deepest = 0;
      let count = 0;
      for (; count < 500_000; count++) {
        const isSlow = count % Math.round(1 / share) === 0;
        if (isSlow) delayedCount += governor.depth - 1;
        governor.observe(isSlow ? 200 : 0.05, 1);
        deepest = Math.max(deepest, governor.depth);
      }
      expect(deepest).toBeLessThanOrEqual(depthMax);
      expect(delayedCount / count).toBeLessThanOrEqual(1 / 500);
    },
  );

  test("goes on through the short pauses of a busy machine", () => {
    const governor = new PrefetchGovernor("auto");
    let depthSum = 0;
    for (let count = 0; count < 100_000; count++) {
      governor.observe(count % 300 === 0 ? 15 : 0.1, 1);
      depthSum += governor.depth;
    }
    expect(depthSum / 100_000).toBeGreaterThan(3);
  });

  test("forgets slow answers within some hundred thousand fast ones", () => {
    const governor = new PrefetchGovernor("auto");
    for (let i = 0; i < 10_000; i++) governor.observe(i % 50 === 0 ? 200 : 0.05, 1);
    expect(governor.depth).toBe(1);
    serve(governor, 250_000, 0.05);
    expect(governor.depth).toBeGreaterThanOrEqual(8);
  });

  test("just below slow is not slow", () => {
    const governor = new PrefetchGovernor("auto");
    for (let i = 0; i < 100_000; i++) governor.observe(i % 100 === 0 ? SLOW_MS - 0.1 : 0.05, 1);
    expect(governor.depth).toBeGreaterThan(4);
  });
});
