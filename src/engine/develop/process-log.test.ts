import { describe, expect, test } from "bun:test";
import type { Config } from "../../config/config.ts";
import { processLog, renderTerminalLine } from "./process-log.ts";

const EVENT = { timeMs: 0, level: "info" } as const;

function output(line: string): string {
  const fields = { role: "front", app: "shop", workerId: 1, pid: 7, stream: "stdout", line };
  return renderTerminalLine({ ...EVENT, event: "worker output", fields });
}

describe("renderTerminalLine", () => {
  test("shows what a worker prints behind the name of its app", () => {
    expect(output("a line = 1")).toBe("shop | a line = 1\n");
    expect(output("\tat f (a.ts:1)")).toBe("shop | \tat f (a.ts:1)\n");
  });

  test("lets no line move the cursor, begin another one or go on for ever", () => {
    expect(output("\u001b[2Jgone\u2028x")).toBe("shop | \\u{1b}[2Jgone\\u{2028}x\n");
    expect(output("x".repeat(10_000))).toBe(`shop | ${"x".repeat(8192)}…\n`);
  });

  test("leaves out of events what stands above, and who says it", () => {
    const fields = { role: "front", app: "shop", stderr: ["why"], exitCode: 1 };
    expect(renderTerminalLine({ ...EVENT, level: "error", event: "worker failed to start", fields })).toBe(
      "1970-01-01T00:00:00.000Z error worker failed to start app=shop exitCode=1\n",
    );
  });
});

test("renderTerminalLine › names workers that leave by themselves, and not those that make room for new code", () => {
  const recycled = (reason: string): string =>
    renderTerminalLine({ ...EVENT, event: "worker recycled", fields: { app: "shop", reason } });
  expect([recycled("requested"), recycled("memory")]).toEqual([
    "",
    "1970-01-01T00:00:00.000Z info  worker recycled app=shop reason=memory\n",
  ]);
});

describe("processLog", () => {
  test.each([
    [true, "text", true],
    [true, "json", false],
    [false, "text", false],
  ] as const)("in development %p, format %s: %p", (isDevelopment, format, isForPeople) => {
    const log = processLog({ isDevelopment, logging: { level: "warn", format } } as Config, "front");
    expect(log).toMatchObject({ level: "warn", format, fields: { role: "front" } });
    expect(log.render !== undefined).toBe(isForPeople);
  });
});
