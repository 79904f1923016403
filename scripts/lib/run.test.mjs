import { describe, expect, test } from "bun:test";
import { run } from "./run.mjs";

describe("run", () => {
  test("returns what a command printed and how it ended", async () => {
    const outcome = await run("sh", ["-c", 'echo out; echo "$NAME" >&2; exit 3'], { environment: { NAME: "value" } });
    expect(outcome).toEqual({ exitCode: 3, output: "out\nvalue\n", isTimedOut: false });
  });

  test("says 127 for a program that is not there", async () => {
    expect((await run("/nowhere/program", [])).exitCode).toBe(127);
  });

  test("says 128 and the number for a signal", async () => {
    expect((await run("sh", ["-c", "kill -TERM $$"])).exitCode).toBe(143);
  });

  test("kills a command that hangs together with what it started", async () => {
    const outcome = await run("sh", ["-c", "sleep 600 & echo $!; wait"], { deadlineMs: 300 });
    expect(outcome).toMatchObject({ exitCode: 137, isTimedOut: true });
    // The output was read to its end, so nobody holds the pipe any more.
    expect(outcome.output).toMatch(/^\d+\n$/);
  });
});
