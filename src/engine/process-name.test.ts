import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { nameProcess } from "./process-name.ts";

describe("nameProcess", () => {
  test("sets what ps shows, cut to what the kernel keeps", () => {
    const before = readFileSync("/proc/self/comm", "utf8").trim();
    nameProcess("vilya: a long name");
    expect(readFileSync("/proc/self/comm", "utf8")).toBe("vilya: a long n\n");
    nameProcess(before);
  });
});
