import { describe, expect, jest, test } from "bun:test";

import { until } from "../../../test/support/until.ts";
import { ChangeBatch } from "./change-batch.ts";

describe("ChangeBatch", () => {
  test("gathers what changes together, each path once, and begins anew", async () => {
    const batches: string[][] = [];
    const batch = new ChangeBatch((paths) => batches.push([...paths]));
    for (const path of ["/a", "/b", "/a"]) batch.add(path);
    await until("the batch", () => batches.length === 1);
    batch.add("/c");
    await until("the next one", () => batches.length === 2);
    expect(batches).toEqual([["/a", "/b"], ["/c"]]);
  });

  test("ends after a while though files go on changing", () => {
    jest.useFakeTimers();
    try {
      const batches: number[] = [];
      const batch = new ChangeBatch((paths) => batches.push(paths.size));
      for (let count = 0; count < 150; count++) {
        batch.add(`/${count}`);
        jest.advanceTimersByTime(10);
      }
      expect(batches).toEqual([100]);
      batch.close();
    } finally {
      jest.useRealTimers();
    }
  });

  test("forgets what it has gathered when it is closed", async () => {
    const batches: unknown[] = [];
    const batch = new ChangeBatch((paths) => batches.push(paths));
    const other = Promise.withResolvers<void>();
    batch.add("/a");
    batch.close();
    new ChangeBatch(() => other.resolve()).add("/b");
    await other.promise;
    expect(batches).toEqual([]);
  });
});
