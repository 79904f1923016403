import { describe, expect, test } from "bun:test";

import { seededRandom } from "../../../test/support/seeded-random.ts";
import { MemoryTrend } from "./memory-trend.ts";

const KIB = 1024;

function trendOf(count: number, residentBytes: (index: number) => number, requestsEach = 100): MemoryTrend {
  const trend = new MemoryTrend();
  for (let index = 0; index < count; index++) {
    const servedCount = index * requestsEach;
    trend.observe({ atMs: 1_000 + index * 5_000, servedCount, residentBytes: residentBytes(index) });
  }
  return trend;
}

describe("MemoryTrend", () => {
  test("tells how many bytes a request a leak costs, and since when", () => {
    const growth = trendOf(20, (index) => 30e6 + index * 100 * 12 * KIB).growth;
    expect(growth).toEqual({ bytesPerRequest: 12 * KIB, sinceMs: 26_000 });
  });

  test("finds it below the noise of pages that come and go", () => {
    const random = seededRandom(1);
    const growth = trendOf(24, (index) => 30e6 + index * 100 * 12 * KIB + random.below(600 * KIB)).growth;
    expect(growth?.bytesPerRequest).toBeGreaterThan(10 * KIB);
    expect(growth?.bytesPerRequest).toBeLessThan(14 * KIB);
  });

  test("keeps the whole life of a worker in a bounded number of looks", () => {
    const growth = trendOf(2_000, (index) => 30e6 + index * 100 * 2 * KIB).growth;
    expect(growth?.bytesPerRequest).toBe(2 * KIB);
  });

  test.each([
    ["memory that stays", () => 30e6],
    ["memory that falls", (index: number) => 60e6 - index * 1e6],
    ["a cache that fills and is full", (index: number) => 30e6 + Math.min(index, 4) * 5e6],
    ["memory that goes up and down", (index: number) => 30e6 + (index % 2) * 5e6],
    ["growth that is hardly any", (index: number) => 30e6 + index * 10 * KIB],
  ])("does not take %s for a leak", (_, residentBytes) => {
    expect(trendOf(20, residentBytes).growth).toBeNull();
  });

  test("says nothing before it can tell", () => {
    const leak = (index: number): number => 30e6 + index * 1e6;
    expect(trendOf(5, leak).growth).toBeNull();
    expect(trendOf(20, leak, 1).growth).toBeNull();
    expect(trendOf(20, leak, 0).growth).toBeNull();
    expect(new MemoryTrend().growth).toBeNull();
  });
});
