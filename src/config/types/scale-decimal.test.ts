import { expect, test } from "bun:test";
import { scaleDecimal } from "./scale-decimal.ts";

test.each([
  ["0", 1000, 0],
  ["1.5", 1000, 1500],
  ["1.001", 1000, 1001],
  ["1.1", 1_000_000, 1_100_000],
  ["0.1", 3, null],
  ["9007199254740991", 1, Number.MAX_SAFE_INTEGER],
  ["9007199254740992", 1, null],
  ["999999999999999", 1000, null],
])("scaleDecimal › %s of a unit of %d is %p", (decimal, unit, scaled) => {
  expect(scaleDecimal(decimal, unit)).toBe(scaled);
});
