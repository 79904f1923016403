import { describe, expect, test } from "bun:test";
import { WallTime } from "./wall-time.ts";

/** Clocks that are told what to say. */
class ToldClocks {
  wall = 1_000_000;
  steady = 50;

  readonly time = new WallTime(() => Math.floor(this.wall));

  constructor() {
    this.said(); // So that both have been compared.
  }

  /** What is said of a moment so long ago. */
  said(agoMs = 0): number {
    return this.time.of(this.steady - agoMs, this.steady);
  }

  pass(ms: number): void {
    this.wall += ms;
    this.steady += ms;
  }
}

describe("WallTime", () => {
  test("has the fractions of the steady clock", () => {
    const clocks = new ToldClocks();
    for (const ms of [0.25, 20.5, 300.75]) {
      clocks.pass(ms);
      expect(clocks.said()).toBe(clocks.wall);
      expect(clocks.said(10)).toBe(clocks.wall - 10);
    }
  });

  test.each([86_400_000, -86_400_000, 5, -5])("follows a wall clock that is set by %d ms", (byMs) => {
    const clocks = new ToldClocks();
    clocks.wall += byMs;
    clocks.pass(10);
    expect(clocks.said()).toBe(clocks.wall);
    clocks.pass(1_000);
    expect(clocks.said()).toBe(clocks.wall);
  });

  test("takes no rounding for a clock that was set", () => {
    const clocks = new ToldClocks();
    clocks.wall += 0.9;
    let lastMs = 0;
    for (let count = 0; count < 100; count++) {
      clocks.pass(10.3);
      const nowMs = clocks.said();
      expect(nowMs - clocks.wall).toBeWithin(-1, 1);
      expect(nowMs).toBeGreaterThan(lastMs);
      lastMs = nowMs;
    }
  });
});
