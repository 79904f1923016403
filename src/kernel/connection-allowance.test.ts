import { expect, test } from "bun:test";

import { ConnectionAllowance } from "./connection-allowance.ts";

test("ConnectionAllowance › grants as many as it has, and again what is given back", () => {
  const allowance = new ConnectionAllowance(2);
  expect([allowance.take(), allowance.take(), allowance.take()]).toEqual([true, true, false]);
  expect(allowance.count).toBe(2);
  allowance.release();
  expect([allowance.take(), allowance.take()]).toEqual([true, false]);
});
