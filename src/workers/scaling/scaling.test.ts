import { describe, expect, test } from "bun:test";
import { growthFor, type Idleness, type Load, shrinkageFor } from "./scaling.ts";

function load(more: Partial<Load>): Load {
  return { desiredCount: 4, workerCountMax: 16, startingCount: 0, waitingCount: 0, allBusyForMs: 0, ...more };
}

function idleness(more: Partial<Idleness>): Idleness {
  return {
    desiredCount: 8,
    workerCountMin: 2,
    idleForMs: [],
    shrunkBeforeMs: Infinity,
    scaleDownIdleMs: 0,
    aggressiveScaleDownMs: 0,
    ...more,
  };
}

describe("growthFor", () => {
  test.each<[string, Partial<Load>, number]>([
    ["nothing while a worker is idle", { allBusyForMs: 0, waitingCount: 0 }, 0],
    ["nothing for a queue of a moment", { waitingCount: 50, allBusyForMs: 19 }, 0],
    ["one for one that waits", { waitingCount: 1, allBusyForMs: 20 }, 1],
    ["at most four at once", { waitingCount: 50, allBusyForMs: 20 }, 4],
    ["less those on their way", { waitingCount: 50, startingCount: 3, allBusyForMs: 20 }, 1],
    ["no more than are allowed", { waitingCount: 50, desiredCount: 15, allBusyForMs: 20 }, 1],
    ["none at the maximum", { waitingCount: 50, desiredCount: 16, allBusyForMs: 9_999 }, 0],
    ["one before anything waits, when all have been busy for a while", { allBusyForMs: 100 }, 1],
    ["not while that one is on its way", { allBusyForMs: 100, startingCount: 1 }, 0],
    ["nothing for a short time without a pause", { allBusyForMs: 99 }, 0],
  ])("is %s", (_, more, count) => {
    expect(growthFor(load(more))).toBe(count);
  });
});

describe("shrinkageFor", () => {
  test.each<[string, Partial<Idleness>, number]>([
    ["never without a time", { idleForMs: [1e9, 1e9] }, 0],
    ["one when the time has come", { scaleDownIdleMs: 1_000, idleForMs: [1_000, 1_000] }, 1],
    ["none before", { scaleDownIdleMs: 1_000, idleForMs: [999] }, 0],
    [
      "not the next before the time has passed again",
      { scaleDownIdleMs: 1_000, idleForMs: [5_000], shrunkBeforeMs: 999 },
      0,
    ],
    [
      "none at once while some of the spare ones are not idle that long",
      { aggressiveScaleDownMs: 500, idleForMs: [900, 900] },
      0,
    ],
    [
      "all spare ones at once, though others work",
      { desiredCount: 4, aggressiveScaleDownMs: 500, idleForMs: [900, 500, 9] },
      2,
    ],
    ["down to the minimum", { aggressiveScaleDownMs: 500, idleForMs: Array.from({ length: 8 }, () => 900) }, 6],
    ["none at the minimum", { desiredCount: 2, aggressiveScaleDownMs: 1, scaleDownIdleMs: 1, idleForMs: [9, 9] }, 0],
    ["one by one before all at once", { scaleDownIdleMs: 10, aggressiveScaleDownMs: 500, idleForMs: [20, 20] }, 1],
    ["none while all work", { aggressiveScaleDownMs: 1, scaleDownIdleMs: 1, idleForMs: [] }, 0],
  ])("is %s", (_, more, count) => {
    expect(shrinkageFor(idleness(more))).toBe(count);
  });
});
