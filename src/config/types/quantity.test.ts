import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import type { OptionType } from "./option-type.ts";
import { byteSize, duration, percentage } from "./quantity.ts";

function read(type: OptionType<number>, raw: string): number | undefined {
  const result = v.safeParse(type.schema, raw);
  return result.success ? result.output : undefined;
}

describe.each([
  ["1ms", undefined],
  ["9ms", undefined],
  ["10ms", 10],
  ["1", 1000],
  ["60", 60_000],
  ["60001ms", undefined],
  ["0", undefined],
  ["soon", undefined],
  ["", undefined],
] as const)("duration from 10ms to 60s in plain seconds › %j", (raw, expected) => {
  test(`is ${expected}`, () => {
    expect(read(duration("s", { min: 10, max: 60_000 }), raw)).toBe(expected);
  });
});

describe("duration", () => {
  test("counts plain numbers in milliseconds where the key says so", () => {
    expect(read(duration("ms", { min: 1, max: 60_000 }), "250")).toBe(250);
  });

  test("takes 0 below its range where 0 means something", () => {
    const type = duration("s", { min: 10, max: 60_000, zeroMeans: "off" });
    expect(read(type, "0")).toBe(0);
    expect(read(type, "1ms")).toBeUndefined();
    expect(type.allowed).toBe("0 (off) or a duration from 10ms to 60s");
  });

  test("tells editors the range in the unit of plain numbers", () => {
    expect(duration("s", { min: 500, max: 60_000 }).jsonSchema).toMatchObject({
      anyOf: [{ minimum: 0.5, maximum: 60 }, {}],
    });
    expect(duration("ms", { min: 1, max: 60_000 }).jsonSchema).toMatchObject({
      anyOf: [{ minimum: 1, maximum: 60_000 }, {}],
    });
  });
});

describe("byteSize", () => {
  const type = byteSize({ min: 1024, max: 4096 });

  test.each([
    ["1023", undefined],
    ["1024", 1024],
    ["1025B", 1025],
    ["4KiB", 4096],
    ["4097", undefined],
    ["4K", undefined],
  ] as const)("%s is %p", (raw, expected) => {
    expect(read(type, raw)).toBe(expected);
  });

  test("is shown as it could be written", () => {
    expect(type.show(4096)).toBe("4KiB");
    expect(type.allowed).toBe("a size from 1KiB to 4KiB");
  });
});

describe("percentage", () => {
  const type = percentage({ min: 0, max: 50 });

  test.each([
    ["0", 0],
    ["10", 0.1],
    ["10%", 0.1],
    ["50%", 0.5],
    ["51", undefined],
    ["0.1", undefined],
    ["-1", undefined],
    ["%", undefined],
  ] as const)("%s is %p", (raw, expected) => {
    expect(read(type, raw)).toBe(expected);
  });

  test("reads every whole percent it shows as the same share", () => {
    for (let percent = 0; percent <= 50; percent++) {
      expect(type.show(percent / 100)).toBe(`${percent}%`);
      expect(read(type, `${percent}%`)).toBe(percent / 100);
    }
  });
});
