import { describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { processEntry } from "../../test/support/process-table.ts";
import { until } from "../../test/support/until.ts";
import { run } from "./run.mjs";

/** More than the ten listeners of one event that Node takes without a warning. */
const COMMAND_COUNT = 12;

describe("run", () => {
  test("returns what a command printed and how it ended", async () => {
    const outcome = await run("sh", ["-c", 'echo out; echo "$NAME" >&2; exit 3'], { environment: { NAME: "value" } });
    expect(outcome).toEqual({ exitCode: 3, output: "out\nvalue\n", isTimedOut: false, hasLeftOrphans: false });
  });

  test("says 127 for a program that is not there", async () => {
    expect((await run("/nowhere/program", [])).exitCode).toBe(127);
  });

  test("says 128 and the number for a signal", async () => {
    expect((await run("sh", ["-c", "kill -TERM $$"])).exitCode).toBe(143);
  });

  test("kills a command that hangs together with what it started", async () => {
    const outcome = await run("sh", ["-c", "sleep 600 & wait"], { deadlineMs: 300 });
    // Its output was read to the end, so nobody holds the pipe any more.
    expect(outcome).toEqual({ exitCode: 137, output: "", isTimedOut: true, hasLeftOrphans: false });
  });

  test("kills what a command leaves behind that holds its output open", async () => {
    const outcome = await run("sh", ["-c", "sleep 600 & exit 3"], { orphanGraceMs: 100 });
    expect(outcome).toMatchObject({ exitCode: 3, isTimedOut: false, hasLeftOrphans: true });
  });
});

describe("a script that is interrupted", () => {
  test("takes along everything that it runs, and what that started", async () => {
    const folder = mkdtempSync(join(tmpdir(), "vilya-run-"));
    const startedPids = () => readdirSync(folder).map(Number);
    const source = `
      import { run } from ${JSON.stringify(new URL("./run.mjs", import.meta.url).href)};
      for (let i = 0; i < ${COMMAND_COUNT}; i++) {
        void run("sh", ["-c", 'sleep 600 & : > "$FOLDER/$!"; wait'], { environment: { FOLDER: process.argv[1] } });
      }`;
    try {
      await using script = Bun.spawn(["node", "--input-type=module", "--eval", source, folder], { stderr: "pipe" });
      await until("the commands", () => startedPids().length === COMMAND_COUNT);
      script.kill("SIGINT");
      expect(await script.exited).toBe(130);
      expect(await script.stderr.text()).toBe("");
      await until("their end", () => startedPids().every((pid) => (processEntry(pid)?.state ?? "Z") === "Z"));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
