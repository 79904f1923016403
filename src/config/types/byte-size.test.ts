import { describe, expect, test } from "bun:test";
import { parseByteSize, renderByteSize } from "./byte-size.ts";

describe("parseByteSize", () => {
  test.each([
    ["0", 0],
    ["512", 512],
    ["512B", 512],
    ["8KiB", 8192],
    ["8kib", 8192],
    ["16 MiB", 16_777_216],
    ["10MB", 10_000_000],
    ["1.5GiB", 1_610_612_736],
    ["1.1MB", 1_100_000],
    ["2TiB", 2_199_023_255_552],
  ])("reads %s", (text, bytes) => {
    expect(parseByteSize(text)).toBe(bytes);
  });

  test.each(["", "-1", "1.5", "16M", "16K", "1e6", "1 000", "1PiB", "0x10", "MiB", "1.0001KB", "9999999999TiB", "1iB"])(
    "refuses %j",
    (text) => {
      expect(parseByteSize(text)).toBeNull();
    },
  );
});

describe("renderByteSize", () => {
  test.each([
    [0, "0"],
    [1, "1B"],
    [1023, "1023B"],
    [1024, "1KiB"],
    [10_000_000, "10MB"],
    [16_777_216, "16MiB"],
    [2 ** 40, "1TiB"],
  ])("%d bytes are %s, which reads as the same", (bytes, text) => {
    expect(renderByteSize(bytes)).toBe(text);
    expect(parseByteSize(text)).toBe(bytes);
  });
});
