import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { VERSION } from "../base/version.ts";

const MAIN = join(import.meta.dir, "main.ts");

function vilya(...args: readonly string[]) {
  return Bun.spawnSync([process.execPath, MAIN, ...args], { stdout: "pipe", stderr: "pipe" });
}

describe("main", () => {
  test("writes what was asked for to STDOUT and exits with 0", () => {
    const { exitCode, stdout, stderr } = vilya("--version");
    expect([exitCode, stdout.toString(), stderr.toString()]).toEqual([0, `vilya ${VERSION}\n`, ""]);
  });

  test("writes what went wrong to STDERR and exits with its code", () => {
    const { exitCode, stdout, stderr } = vilya("zzz");
    expect([exitCode, stdout.toString()]).toEqual([2, ""]);
    expect(stderr.toString()).toStartWith("error: ");
  });

  test("writes all of a long answer to a pipe, and does not mind a reader that leaves", () => {
    const script = '"$0" "$1" config reference | wc -c; "$0" "$1" config reference | true; echo "$?"';
    const { stdout } = Bun.spawnSync(["sh", "-c", script, process.execPath, MAIN]);
    const [byteCount, exitCode] = stdout.toString().trim().split("\n").map(Number);
    expect(byteCount).toBe(vilya("config", "reference").stdout.length);
    expect(exitCode).toBe(0);
  });

  test("says so where the current directory is gone, and does what needs none", () => {
    const script = 'cd "$(mktemp -d)" && rmdir "$PWD" && "$0" "$1" config check; echo "$?"; "$0" "$1" version';
    const { stdout, stderr } = Bun.spawnSync(["sh", "-c", script, process.execPath, MAIN]);
    expect(stdout.toString()).toBe(`1\nvilya ${VERSION}\n`);
    expect(stderr.toString()).toBe(
      "error: cannot use the current directory: it was removed, one that exists is needed\n",
    );
  });
});
