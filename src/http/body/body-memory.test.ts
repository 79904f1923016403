import { expect, test } from "bun:test";

import { BodyMemory } from "./body-memory.ts";

test("BodyMemory › grants up to its bound and no byte more", () => {
  const memory = new BodyMemory(10);
  expect(memory.tryTake(9)).toBe(true);
  expect(memory.tryTake(2)).toBe(false);
  expect(memory.tryTake(1)).toBe(true);
  expect(memory.tryTake(1)).toBe(false);
  expect(memory.bytes).toBe(10);
});

test("BodyMemory › grants again what was given back", () => {
  const memory = new BodyMemory(4);
  memory.tryTake(4);
  memory.giveBack(3);
  expect(memory.tryTake(3)).toBe(true);
});
