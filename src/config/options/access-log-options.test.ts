import { describe, expect, test } from "bun:test";
import * as v from "valibot";
import { accessLogFields } from "./access-log-options.ts";

describe("The options of an access log", () => {
  test.each([
    ["status", "404", true],
    ["status", "4xx 500-504", true],
    ["status", "600", false],
    ["status", "4x", false],
    ["paths", "/a/* *.png /b", true],
    ["paths", "*", true],
    ["paths", "a", false],
    ["paths", "/a*b", false],
    ["paths", "/a**", false],
    ["sample", "10%", true],
    ["sample", "0", false],
    ["buffer", "256KiB", true],
    ["buffer", "255KiB", false],
    ["format", "$remote_addr", true],
    ["format", "$nothing", false],
    ["format", "%h\n", false],
    ["minDuration", "500", true],
  ] as const)("%s %j: %p", (field, raw, isAllowed) => {
    expect(v.safeParse(accessLogFields[field].type.schema as v.GenericSchema, raw).success).toBe(isAllowed);
  });
});
