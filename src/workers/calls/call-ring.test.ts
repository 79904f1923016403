import { describe, expect, test } from "bun:test";
import { TestCall } from "../../../test/support/worker-calls.ts";
import { CallRing } from "./call-ring.ts";

const calls = Array.from({ length: 100 }, (_, index) => new TestCall(`/${index}`));

describe("CallRing", () => {
  test("gives calls back in the order they came, however it grows and wraps", () => {
    const ring = new CallRing();
    const model: TestCall[] = [];
    for (let round = 0; round < 300; round++) {
      const pushCount = (round * 7) % 11;
      for (let i = 0; i < pushCount; i++) {
        const call = calls[(round + i) % calls.length]!;
        ring.push(call);
        model.push(call);
      }
      for (let i = 0; i < (round * 5) % 12; i++) expect(ring.shift()).toBe(model.shift() ?? null);
      expect(ring.length).toBe(model.length);
      expect(ring.at(0)).toBe(model[0] ?? null);
      expect(ring.at(model.length - 1)).toBe(model.at(-1) ?? null);
    }
  });

  test("holds at most four places a call, and eight when it is empty", () => {
    const ring = new CallRing();
    for (let i = 0; i < 1_000; i++) ring.push(calls[i % calls.length]!);
    expect(ring.capacity).toBe(1_024);
    while (ring.length > 0) {
      ring.shift();
      expect(ring.capacity).toBeLessThanOrEqual(Math.max(8, ring.length * 4 + 4));
    }
    expect(ring.capacity).toBe(8);
  });

  test("keeps what a filter accepts, in order", () => {
    const ring = new CallRing();
    for (const call of calls) ring.push(call);
    ring.filter((call) => calls.indexOf(call as TestCall) % 3 === 0);
    expect(ring.length).toBe(34);
    for (let index = 0; index < 100; index += 3) expect(ring.shift()).toBe(calls[index]!);
  });

  test("has nothing past its end", () => {
    const ring = new CallRing();
    expect(ring.at(0)).toBeNull();
    expect(ring.shift()).toBeNull();
  });
});
