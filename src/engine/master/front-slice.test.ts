import { describe, expect, test } from "bun:test";
import type { Config } from "../../config/config.ts";
import { sliceConfig, slicePoolSize } from "./front-slice.ts";

function placesOf(count: number) {
  return Array.from({ length: count }, (_, index) => ({ index, count }));
}

function configOf(workerCount: number, queueDepthMax: number): Config {
  const pool = { workerCount, workerCountMin: 1, workerCountMax: workerCount, overflow: { queueDepthMax } };
  return { apps: [{ name: "shop", runtime: "php", pool }] } as unknown as Config;
}

describe("slicePoolSize", () => {
  test.each([
    [8, 2, [4, 4]],
    [8, 3, [3, 3, 2]],
    [5, 4, [2, 1, 1, 1]],
    [3, 3, [1, 1, 1]],
    [1, 3, [1, 1, 1]],
  ])("shares %i workers among %i fronts as %j", (workerCount, count, shares) => {
    const size = { workerCount, workerCountMin: 1, workerCountMax: workerCount };
    expect(placesOf(count).map((place) => slicePoolSize(size, place).workerCount)).toEqual(shares);
  });

  test("keeps minimum, number and maximum in their order, and adds up to them", () => {
    for (let workerCountMax = 1; workerCountMax <= 12; workerCountMax++) {
      for (let workerCount = 1; workerCount <= workerCountMax; workerCount++) {
        for (let count = 1; count <= 5; count++) {
          const size = { workerCount, workerCountMin: Math.ceil(workerCount / 2), workerCountMax };
          const slices = placesOf(count).map((place) => slicePoolSize(size, place));
          for (const slice of slices) {
            expect(slice.workerCountMin).toBeLessThanOrEqual(slice.workerCount);
            expect(slice.workerCount).toBeLessThanOrEqual(slice.workerCountMax);
          }
          const sum = slices.reduce((total, slice) => total + slice.workerCount, 0);
          expect(sum).toBe(Math.max(workerCount, count));
        }
      }
    }
  });
});

describe("sliceConfig", () => {
  test("shares the queue, too, and leaves no queue where there is none", () => {
    const depthOf = (config: Config, index: number) =>
      sliceConfig(config, { index, count: 3 }).apps[0]?.pool.overflow.queueDepthMax;
    expect([0, 1, 2].map((index) => depthOf(configOf(4, 10), index))).toEqual([4, 3, 3]);
    expect([0, 1, 2].map((index) => depthOf(configOf(4, 0), index))).toEqual([0, 0, 0]);
  });

  test("leaves a front that is alone as it is configured", () => {
    const config = configOf(4, 10);
    expect(sliceConfig(config, { index: 0, count: 1 })).toBe(config);
  });
});
