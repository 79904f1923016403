import { describe, expect, test } from "bun:test";
import { assert, AssertionError } from "./assert.ts";

describe("assert", () => {
  test("lets a true statement pass", () => {
    expect(() => assert(true, "one is one")).not.toThrow();
  });

  test("throws an AssertionError that quotes the statement when it is false", () => {
    expect(() => assert(false, "a leased worker has a request")).toThrow(
      new AssertionError("invariant broken: a leased worker has a request"),
    );
  });
});
