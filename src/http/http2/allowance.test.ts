import { expect, test } from "bun:test";

import { FakeClock } from "../../../test/support/fake-clock.ts";
import { Allowance } from "./allowance.ts";

function spendable(allowance: Allowance): number {
  let count = 0;
  while (allowance.trySpend()) count++;
  return count;
}

test("an allowance is spent after as many as it has", () => {
  expect(spendable(new Allowance(3, 1_000, () => 0))).toBe(3);
});

test("an allowance is earned back by work, up to what it was", () => {
  const allowance = new Allowance(3, 1_000, () => 0);
  allowance.earn(5);
  expect(spendable(allowance)).toBe(3);
  allowance.earn(2);
  expect(spendable(allowance)).toBe(2);
});

test("an allowance is whole again after its time, once for each time", () => {
  const clock = new FakeClock();
  const allowance = new Allowance(3, 1_000, () => clock.nowMs());
  expect(spendable(allowance)).toBe(3);
  clock.advance(999);
  expect(spendable(allowance)).toBe(0);
  clock.advance(1);
  expect(spendable(allowance)).toBe(3);
  clock.advance(999);
  expect(spendable(allowance)).toBe(0);
});
