import { describe, expect, test } from "bun:test";
import { FakeTerminal } from "../../test/support/fake-terminal.ts";
import { ConfigError } from "../base/errors.ts";
import type { Origin } from "../config/origin.ts";
import { ConfigProblemsError } from "../config/problem.ts";
import { renderProblem, reportError } from "./report.ts";
import { UsageError } from "./usage-error.ts";

class BusyPortError extends ConfigError {
  override readonly code = "VILYA_TEST_BUSY";
  readonly origins: readonly Origin[] = [{ kind: "file", file: "vilya.yaml", line: 4, column: 9 }];
  readonly hint = "try: --port 8081";
}

function report(error: unknown): { readonly code: number; readonly text: string } {
  const terminal = new FakeTerminal();
  const code = reportError(error, terminal);
  expect(terminal.outText).toBe("");
  return { code, text: terminal.errText };
}

describe("reportError", () => {
  test("prints every problem with its places and its hint", () => {
    const first = {
      message: "Cannot use a: it is b",
      origins: [{ kind: "flag", flag: "--port" }],
      hint: "did you mean c?",
    } as const;
    const second = { message: "Cannot use d: it is e", origins: [], hint: null } as const;
    expect(report(new ConfigProblemsError([first, second]))).toEqual({
      code: 78,
      text: "error: cannot use a: it is b\n  at flag --port\n  did you mean c?\nerror: cannot use d: it is e\n",
    });
  });

  test("prints what to type instead", () => {
    expect(report(new UsageError("Cannot run x: there is none", "try: vilya help"))).toEqual({
      code: 2,
      text: "error: cannot run x: there is none\n  try: vilya help\n",
    });
  });

  test("prints the places and the way out that an operating error knows, and no stack", () => {
    expect(report(new BusyPortError("Cannot listen on 0.0.0.0:8080: another process holds the port"))).toEqual({
      code: 1,
      text: "error: cannot listen on 0.0.0.0:8080: another process holds the port\n  at vilya.yaml:4:9\n  try: --port 8081\n",
    });
  });

  test("prints the stack of what nobody expected", () => {
    const { code, text } = report(new TypeError("x is not a function"));
    expect(code).toBe(1);
    expect(text).toContain("x is not a function");
    expect(text).toContain("report.test.ts");
    expect(report("thrown text")).toEqual({ code: 1, text: "error: thrown text\n" });
  });
});

test("renderProblem › keeps every problem on its own lines, whatever it quotes", () => {
  const hostile = { message: "Cannot use \u001b[2J\nerror: forged", origins: [], hint: "try: \r" };
  expect(renderProblem("warning", hostile)).toBe("warning: cannot use \\u{1b}[2J\\nerror: forged\n  try: \\r\n");
});
