import { expect, test } from "bun:test";

import { RecentStreams } from "./recent-streams.ts";

test("the last 128 streams are remembered, and how they ended", () => {
  const recent = new RecentStreams();
  expect(recent.find(1)).toBeNull();
  for (let streamId = 1; streamId < 257; streamId += 2)
    recent.add(streamId, streamId % 4 === 1 ? "ended" : "reset-by-us");
  expect([recent.find(1), recent.find(3), recent.find(255)]).toEqual(["ended", "reset-by-us", "reset-by-us"]);
  recent.add(2 ** 31 - 1, "reset-by-us");
  expect([recent.find(1), recent.find(3), recent.find(2 ** 31 - 1)]).toEqual([null, "reset-by-us", "reset-by-us"]);
});

test("no stream is mistaken for another", () => {
  const recent = new RecentStreams();
  recent.add(3, "reset-by-us");
  for (const streamId of [1, 2, 5, 6, 7]) expect(recent.find(streamId)).toBeNull();
});
