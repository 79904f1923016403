import { describe, expect, test } from "bun:test";

import { LogTail } from "./log-tail.ts";

describe("LogTail", () => {
  test("keeps the last lines, bounded by their number and by their length", () => {
    const tail = new LogTail();
    for (let index = 0; index < 600; index++) tail.add(`${index}\n`);
    expect(tail.last(1_000)).toHaveLength(500);
    expect(tail.last(2)).toEqual(["598\n", "599\n"]);
    expect(tail.last(0)).toEqual([]);
    for (let index = 0; index < 4; index++) tail.add("x".repeat(200 * 1024));
    expect(tail.last(1_000)).toHaveLength(2);
  });

  test("tells who follows, until that ends", () => {
    const tail = new LogTail();
    const heard: string[] = [];
    const stop = tail.follow((line) => heard.push(line));
    tail.add("a\n");
    stop();
    tail.add("b\n");
    expect(heard).toEqual(["a\n"]);
  });
});
