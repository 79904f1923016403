import { describe, expect, test } from "bun:test";
import { type Flag, parseFlags } from "./parse-flags.ts";
import { UsageError } from "./usage-error.ts";

const FLAGS: readonly Flag[] = [
  { name: "config", short: "c", value: "FILE", summary: "" },
  { name: "port", value: "PORT", summary: "" },
  { name: "log-level", value: "LEVEL", summary: "" },
  { name: "json", summary: "" },
];

function parse(line: readonly string[]): string {
  const { flags, positionals } = parseFlags(line, FLAGS);
  return [...flags.map(({ name, value }) => `${name}:${value}`), ...positionals].join(" ");
}

describe("parseFlags", () => {
  test.each([
    [[], ""],
    [["-config=a.yaml"], "config:a.yaml"],
    [["--config=a.yaml"], "config:a.yaml"],
    [["-config", "a.yaml"], "config:a.yaml"],
    [["-c", "a.yaml"], "config:a.yaml"],
    [["-c=a.yaml"], "config:a.yaml"],
    [["--config="], "config:"],
    [["--config=a=b"], "config:a=b"],
    [["--config=a\nb"], "config:a\nb"],
    [["--port", "-1"], "port:-1"],
    [["--json", "x"], "json: x"],
    [["--port", "1", "--port", "2"], "port:1 port:2"],
    [["--log-level", "debug", "--port", "1"], "log-level:debug port:1"],
    [["a", "--json", "b"], "json: a b"],
    [["--", "--json", "-x"], "--json -x"],
    [["--port", "--"], "port:--"],
    [["-"], "-"],
    [[""], ""],
  ])("reads %j", (line, expected) => {
    expect(parse(line)).toBe(expected);
  });

  test.each([
    [["--prot", "1"], 'Cannot use the flag "prot": there is none of this name', "did you mean --port?"],
    [["-jsn"], 'Cannot use the flag "jsn": there is none of this name', "did you mean --json?"],
    [["--zzz"], 'Cannot use the flag "zzz": there is none of this name', "try: vilya help"],
    [["--\u001b[2J"], 'Cannot use the flag "\\u{1b}[2J": there is none of this name', "try: vilya help"],
    [["--port"], "Cannot use --port: its value is missing", "try: --port PORT"],
    [["-c"], "Cannot use --config: its value is missing", "try: --config FILE"],
    [["--json=yes"], "Cannot use --json: it has a value, none is allowed", "try: --json"],
  ])("refuses %j", (line, message, hint) => {
    try {
      parse(line);
      throw new Error("it was read");
    } catch (error) {
      expect(error).toBeInstanceOf(UsageError);
      expect(error).toMatchObject({ message, hint });
    }
  });
});
