import { describe, expect, test } from "bun:test";
import { coverFronts } from "./cover-fronts.ts";

describe("coverFronts", () => {
  test.each([
    ["nobody while all are there", [false, false], [[], []]],
    ["nobody while there is nobody", [true, true], [[], []]],
    ["the next one for one that is away", [true, false, false], [[], [0], []]],
    ["the first one for the last", [false, false, true], [[2], [], []]],
    ["different ones for several", [true, true, false, false], [[], [], [0], [1]]],
    ["the only one for all others", [true, false, true], [[], [0, 2], []]],
  ])("has %s stand in", (_, isAway, stands) => {
    expect(coverFronts(isAway)).toEqual(stands);
  });
});
