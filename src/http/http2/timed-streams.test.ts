import { expect, test } from "bun:test";

import { TimedStreams } from "./timed-streams.ts";

test("the stream that was set first is due first, unless it is set anew", () => {
  const timed = new TimedStreams<object>(100);
  const [first, second] = [{}, {}];
  expect(timed.dueMs).toBe(Infinity);
  timed.set(first, 0);
  timed.set(second, 10);
  expect(timed.dueMs).toBe(100);
  timed.set(first, 20);
  expect(timed.dueMs).toBe(110);
  timed.clear(second);
  expect(timed.dueMs).toBe(120);
});

test("expired streams are taken one by one, and nothing before its time", () => {
  const timed = new TimedStreams<object>(100);
  const [first, second, third] = [{}, {}, {}];
  for (const [index, each] of [first, second, third].entries()) timed.set(each, index * 10);
  expect(timed.takeExpired(99)).toBeNull();
  expect([timed.takeExpired(110), timed.takeExpired(110), timed.takeExpired(110)]).toEqual([first, second, null]);
  expect(timed.dueMs).toBe(120);
});
