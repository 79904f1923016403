import { expect, test } from "bun:test";

import { until } from "../../../test/support/until.ts";
import { BATCH_LINE_COUNT_MAX, LogForwarder } from "./log-forwarder.ts";

test("LogForwarder › sends lines together, at most so many, and says how many it left out", async () => {
  const sent: (readonly [count: number, droppedCount: number])[] = [];
  const forwarder = new LogForwarder((lines, droppedCount) => sent.push([lines.length, droppedCount]));
  forwarder.flush();
  forwarder.add("a\n");
  forwarder.add("b\n");
  expect(sent).toEqual([]);
  await until("the batch", () => sent.length === 1);
  for (let index = 0; index < BATCH_LINE_COUNT_MAX + 5; index++) forwarder.add("c\n");
  forwarder.flush();
  expect(sent).toEqual([
    [2, 0],
    [BATCH_LINE_COUNT_MAX, 5],
  ]);
});
