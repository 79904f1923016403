import { describe, expect, test } from "bun:test";
import { parseDuration, renderDuration } from "./duration.ts";

describe("parseDuration", () => {
  test.each([
    ["30", 30_000],
    ["30s", 30_000],
    ["30 s", 30_000],
    ["1500ms", 1500],
    ["2m", 120_000],
    ["1.5h", 5_400_000],
    ["1d", 86_400_000],
    ["0", 0],
    ["0.5", 500],
    ["0.001s", 1],
  ])("reads %s", (text, ms) => {
    expect(parseDuration(text, "s")).toBe(ms);
  });

  test("counts a plain number in the unit it is told", () => {
    expect(parseDuration("250", "ms")).toBe(250);
  });

  test.each([
    "",
    " ",
    "-1",
    "+1",
    "1e3",
    "0x10",
    "1.",
    ".5",
    "1.2345s",
    "0.5ms",
    "5 years",
    "1m30s",
    "1  s",
    "1M",
    "Infinity",
    "1s\n",
    "9".repeat(400),
  ])("refuses %j", (text) => {
    expect(parseDuration(text, "s")).toBeNull();
  });
});

describe("renderDuration", () => {
  test.each([
    [0, "0"],
    [1, "1ms"],
    [1500, "1500ms"],
    [1000, "1s"],
    [60_000, "60s"],
    [90_000, "90s"],
    [120_000, "2m"],
    [3_600_000, "60m"],
    [7_200_000, "2h"],
    [86_400_000, "24h"],
    [172_800_000, "2d"],
  ])("%d ms is %s, which reads as the same", (ms, text) => {
    expect(renderDuration(ms)).toBe(text);
    expect(parseDuration(text, "ms")).toBe(ms);
  });
});
