import { describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { roleCommand } from "./role-command.ts";

describe("roleCommand", () => {
  test("starts this checkout's command line on this runtime, out of reach of the current directory's settings", () => {
    const command = roleCommand("__front");
    expect(command[0]).toBe(process.execPath);
    expect(command.at(-1)).toBe("__front");
    expect(existsSync(command.at(-2) ?? "")).toBe(true);
    expect(command).toContain("--no-env-file");
  });
});
