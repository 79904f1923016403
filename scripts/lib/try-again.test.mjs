import { describe, expect, test } from "bun:test";
import { tryAgain } from "./try-again.mjs";

/** @param {readonly string[]} results what comes of one try after the other. */
async function tries(...results) {
  let count = 0;
  const work = () => Promise.resolve(results[count++]);
  const result = await tryAgain(work, (each) => each === "done", { pauseMs: 1 });
  return { result, count };
}

describe("tryAgain", () => {
  test.each([
    [1, ["done"]],
    [2, ["away", "done"]],
    [3, ["away", "away", "done"]],
  ])("needs %d tries: %j", async (count, results) => {
    expect(await tries(...results)).toEqual({ result: "done", count });
  });

  test("tells how the third try has failed", async () => {
    expect(await tries("away", "away", "gone", "done")).toEqual({ result: "gone", count: 3 });
  });
});
