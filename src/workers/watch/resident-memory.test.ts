import { expect, test } from "bun:test";
import { readResidentBytes } from "./resident-memory.ts";

test("readResidentBytes is near what the runtime says of this process, and 0 for none", () => {
  const { rss } = process.memoryUsage();
  expect(readResidentBytes(process.pid) / rss).toBeGreaterThan(0.5);
  expect(readResidentBytes(process.pid) / rss).toBeLessThan(2);
  expect(readResidentBytes(2 ** 30)).toBe(0);
});
