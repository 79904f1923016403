import { describe, expect, test } from "bun:test";
import { Http2LateResets } from "./http2-late-resets.ts";

describe("Http2LateResets", () => {
  test("gives each stream's answer a head start, oldest first", () => {
    const resets = new Http2LateResets();
    expect(resets.dueMs).toBe(Infinity);
    expect([resets.add(1, 1_000), resets.add(3, 1_040)]).toEqual([0, 0]);
    expect(resets.dueMs).toBe(1_100);
    expect([resets.takeDue(1_099), resets.takeDue(1_100), resets.takeDue(1_100)]).toEqual([0, 1, 0]);
    expect([resets.takeDue(1_140), resets.dueMs]).toEqual([3, Infinity]);
  });

  test("lets a hundred wait, and no more", () => {
    const resets = new Http2LateResets();
    for (let index = 0; index < 100; index++) expect(resets.add(2 * index + 1, 0)).toBe(0);
    expect([resets.add(201, 0), resets.add(203, 0)]).toEqual([1, 3]);
    expect(resets.takeDue(100)).toBe(5);
  });
});
