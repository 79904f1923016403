import { describe, expect, test } from "bun:test";
import { encodeValue, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { readUsage } from "./response-usage.ts";
import { WorkerResponse, type WorkerUsage } from "./worker-response.ts";

const SILENT: WorkerUsage = { requestCount: -1, memoryBytes: -1, memoryPeakBytes: -1, wantsRecycling: false };

function read(value: MsgpackValue): WorkerUsage {
  const usage: WorkerUsage = { requestCount: 9, memoryBytes: 9, memoryPeakBytes: 9, wantsRecycling: true };
  const cursor = new MsgpackCursor();
  const bytes = encodeValue(value);
  cursor.reset(bytes, 0, bytes.length);
  readUsage(cursor, usage);
  expect(cursor.isAtEnd).toBe(true);
  return usage;
}

describe("readUsage", () => {
  test("reads counts of any width and whole floats", () => {
    const usage = read({ req_count: 3, mem_usage: 2 ** 40, mem_peak: 2048.75, recycle: true });
    expect(usage).toEqual({ requestCount: 3, memoryBytes: 2 ** 40, memoryPeakBytes: 2048, wantsRecycling: true });
  });

  test("takes what is no map, or a map without its keys, for nothing said", () => {
    const values: readonly MsgpackValue[] = [null, [], {}, "x", 5, [1], { other: [1] }];
    expect(values.map(read)).toEqual(values.map(() => SILENT));
  });

  test("takes a value it cannot use for not said", () => {
    expect(read({ req_count: "7", mem_usage: -1, mem_peak: 2n ** 64n - 1n, recycle: "yes" })).toEqual(SILENT);
    expect(read({ req_count: NaN, mem_usage: Infinity, mem_peak: { a: 1 }, recycle: null })).toEqual(SILENT);
  });

  test("agrees with a new response about what silence is", () => {
    expect(new WorkerResponse().usage).toEqual(SILENT);
  });
});
