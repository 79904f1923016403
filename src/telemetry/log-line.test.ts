import { describe, expect, test } from "bun:test";
import { ConfigError } from "../base/errors.ts";
import { renderLogLine } from "./log-line.ts";
import type { LogFields, LogValue } from "./logger.ts";

const TIME_MS = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

class SampleError extends ConfigError {
  override readonly code = "VILYA_CONFIG_SAMPLE";
}

function text(event: string, fields: LogFields = {}): string {
  return renderLogLine({ timeMs: TIME_MS, level: "warn", event, fields }, "text");
}

function json(event: string, fields: LogFields = {}): string {
  return renderLogLine({ timeMs: TIME_MS, level: "warn", event, fields }, "json");
}

function parsed(fields: LogFields): Record<string, unknown> {
  return JSON.parse(json("e", fields)) as Record<string, unknown>;
}

describe("renderLogLine", () => {
  test("writes time, level, event and fields as text", () => {
    expect(text("worker exited", { pool: "default", workerId: 3, exitCode: null })).toBe(
      "2026-01-02T03:04:05.678Z warn  worker exited pool=default workerId=3 exitCode=null\n",
    );
  });

  test("writes the same as one JSON object", () => {
    expect(json("worker exited", { pool: "default", workerId: 3, exitCode: null })).toBe(
      '{"time":"2026-01-02T03:04:05.678Z","level":"warn","event":"worker exited","pool":"default","workerId":3,"exitCode":null}\n',
    );
  });

  const values: readonly [name: string, value: LogValue, inText: string, inJson: unknown][] = [
    ["a bare word", "/srv/app/worker.php", "/srv/app/worker.php", "/srv/app/worker.php"],
    ["an empty text", "", '""', ""],
    ["spaces", "a b", '"a b"', "a b"],
    ["an equals sign", "a=b", '"a=b"', "a=b"],
    ["quotes and backslashes", 'say "\\"', '"say \\"\\\\\\""', 'say "\\"'],
    [
      "a forged line",
      "x\n2026-01-01T00:00:00Z error owned",
      '"x\\n2026-01-01T00:00:00Z error owned"',
      "x\n2026-01-01T00:00:00Z error owned",
    ],
    ["an escape sequence", "\u001b[2J", '"\\u{1b}[2J"', "\u001b[2J"],
    ["a C1 control", "\u009b2J", '"\\u{9b}2J"', "\u009b2J"],
    ["a direction override", "\u202etxt", '"\\u{202e}txt"', "\u202etxt"],
    ["a line separator", "a\u2028b", '"a\\u{2028}b"', "a\u2028b"],
    ["a lone surrogate", "\ud800", '"\\u{d800}"', "\ud800"],
    ["letters of other scripts", "grüße-日本", '"grüße-日本"', "grüße-日本"],
    ["a truth", true, "true", true],
    ["what is no number", Number.NaN, "NaN", "NaN"],
    ["infinity", -Infinity, "-Infinity", "-Infinity"],
    ["a large integer", 2n ** 64n, "18446744073709551616", "18446744073709551616"],
    ["a list", ["a", 1, "b c"], '[a,1,"b c"]', ["a", 1, "b c"]],
    ["an empty list", [], "[]", []],
    [
      "an operating error",
      new SampleError("Cannot start"),
      '"SampleError: Cannot start (VILYA_CONFIG_SAMPLE)"',
      "SampleError: Cannot start (VILYA_CONFIG_SAMPLE)",
    ],
  ];

  test.each(values)("renders %s", (_name, value, inText, inJson) => {
    expect(text("e", { field: value })).toBe(`2026-01-02T03:04:05.678Z warn  e field=${inText}\n`);
    expect(parsed({ field: value }).field).toEqual(inJson);
  });

  test("leaves nothing unprintable in a line of either format, whatever event, name and value hold", () => {
    const hostile = Array.from({ length: 0x2100 }, (_, code) => String.fromCharCode(code)).join("");
    for (const line of [text(hostile, { [hostile]: hostile }), json(hostile, { [hostile]: hostile })]) {
      expect(line.slice(0, -1)).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e]/u);
      expect(line.endsWith("\n")).toBe(true);
    }
  });

  test("leaves out fields that are undefined", () => {
    expect(text("e", { gone: undefined, kept: 1 })).toEndWith(" e kept=1\n");
  });

  test("does not let a field replace time, level or event", () => {
    expect(parsed({ time: 1, level: 2, event: 3 })).toEqual({
      time: "2026-01-02T03:04:05.678Z",
      level: "warn",
      event: "e",
      time_: 1,
      level_: 2,
      event_: 3,
    });
  });

  test("gives the stack of an unexpected error, and none of an operating one", () => {
    const line = parsed({ error: new TypeError("x is not a function"), refusal: new SampleError("no") });
    expect(line.error).toBe("TypeError: x is not a function");
    expect(line.errorStack).toContain("log-line.test.ts");
    expect(line).not.toHaveProperty("refusalStack");
  });

  test("cuts long texts, long lists and deep lists", () => {
    const nested: LogValue = [[[[[["deep"]]]]]];
    const line = parsed({ long: "x".repeat(8193), list: Array<number>(100).fill(1), nested });
    expect(line.long).toBe(`${"x".repeat(8192)}…`);
    expect(line.list).toEqual([...Array<number>(64).fill(1), "… 36 more"]);
    expect(JSON.stringify(line.nested)).not.toContain("deep");
  });
});
