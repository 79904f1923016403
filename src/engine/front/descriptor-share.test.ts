import { expect, test } from "bun:test";
import { connectionCountFor } from "./descriptor-share.ts";

test.each([
  [Infinity, 10_000],
  [10_256, 10_000],
  [10_255, 9_999],
  [1_024, 768],
  [512, 256],
  [511, 255],
  [64, 32],
])("of %d descriptors as many are left as serve the connections", (openFileCountMax, connectionCount) => {
  expect(connectionCountFor(openFileCountMax, 10_000)).toBe(connectionCount);
});
