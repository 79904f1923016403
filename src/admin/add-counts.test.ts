import { expect, test } from "bun:test";
import { addCounts } from "./add-counts.ts";

test("addCounts adds numbers at any depth, and leaves the rest as the first has it", () => {
  const one = { name: "a", count: 1, byReason: { crash: 2, stop: 0 }, buckets: [1, 2, 3], labels: ["x"], last: null };
  const other = {
    name: "b",
    count: 4,
    byReason: { crash: 3, stop: 1 },
    buckets: [10, 20, 30],
    labels: ["y"],
    last: null,
  };
  expect(addCounts(one, other)).toEqual({
    name: "a",
    count: 5,
    byReason: { crash: 5, stop: 1 },
    buckets: [11, 22, 33],
    labels: ["x"],
    last: null,
  });
});
