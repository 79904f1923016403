import { describe, expect, test } from "bun:test";
import { StderrTail } from "./stderr-tail.ts";

describe("StderrTail", () => {
  test("is empty before the first byte", () => {
    expect(new StderrTail().lines()).toEqual([]);
  });

  test("keeps the last 64 lines", () => {
    const tail = new StderrTail();
    for (let i = 0; i < 200; i++) tail.push(Buffer.from(`line ${i}\n`));
    expect(tail.lines()).toEqual(Array.from({ length: 64 }, (_, index) => `line ${136 + index}`));
  });

  test.each([1, 7, 1_000, 16 * 1024, 100_000])("keeps the last 16 KiB, in chunks of %p bytes", (chunkBytes) => {
    const lines = Array.from({ length: 30 }, (_, index) => String(index).padStart(1_023, "."));
    const bytes = Buffer.from(`${lines.join("\n")}\n`);
    const tail = new StderrTail();
    for (let start = 0; start < bytes.length; start += chunkBytes) tail.push(bytes.subarray(start, start + chunkBytes));
    expect(tail.lines()).toEqual(lines.slice(-16));
  });

  test("replaces what is not UTF-8", () => {
    const tail = new StderrTail();
    tail.push(Buffer.from([0x61, 0xff, 0x62, 0x0d, 0x0a]));
    expect(tail.lines()).toEqual(["a\ufffdb"]);
  });
});
