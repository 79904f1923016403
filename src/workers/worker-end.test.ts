import { describe, expect, test } from "bun:test";

import { lastLines, WORKER_END_COUNT_MAX, type WorkerEnd, WorkerEnds } from "./worker-end.ts";

function end(workerId: number, reason: WorkerEnd["reason"]): WorkerEnd {
  const rest = {
    pid: 1,
    endedMs: 0,
    exitCode: 1,
    signal: null,
    servedCount: 0,
    readyMs: null,
    error: null,
    stderr: [],
  };
  return { ...rest, workerId, reason };
}

describe("WorkerEnds", () => {
  test("keeps the last ones, newest first, and none that nobody has to look at", () => {
    const ends = new WorkerEnds();
    for (const reason of ["stopped", "scaled-down", "left"] as const) ends.add(end(1, reason));
    expect(ends.list).toEqual([]);
    for (let id = 1; id <= WORKER_END_COUNT_MAX + 2; id++) ends.add(end(id, id % 2 === 0 ? "crashed" : "memory"));
    expect(ends.list.map(({ workerId }) => workerId)).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3]);
  });
});

describe("lastLines", () => {
  test("keeps the end, in lines that fit on a screen", () => {
    const lines = Array.from({ length: 30 }, (_, index) => `${index}${"x".repeat(400)}`);
    expect(lastLines(lines)).toHaveLength(10);
    expect(lastLines(lines).at(-1)).toBe(`29${"x".repeat(298)}`);
  });
});
