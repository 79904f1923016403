import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";

import { raiseOpenFileLimit, reapExited, scheduleInBatches } from "./process-control.ts";

const MODULE = JSON.stringify(join(import.meta.dir, "process-control.ts"));

/** Runs a program that imports process control, and returns what it prints. */
function runProgram(program: string): Bun.Subprocess<"ignore", "pipe", "inherit"> {
  return Bun.spawn([process.execPath, "-e", `import * as control from ${MODULE};\n${program}`], { stdout: "pipe" });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function firstLine(stream: ReadableStream<Uint8Array>): Promise<string> {
  const { value } = await stream.getReader().read();
  return Buffer.from(value ?? [])
    .toString()
    .trim();
}

describe("dieWithParent", () => {
  test("ends a process whose parent is killed", async () => {
    const child = `import { dieWithParent } from ${MODULE}; dieWithParent("SIGKILL"); console.log(process.pid); setInterval(() => {}, 60_000);`;
    // The test's process adopts nobody, so the pipe that the grandchild holds open tells when it has ended.
    await using parent = runProgram(`
      Bun.spawn([process.execPath, "-e", ${JSON.stringify(child)}], { stdout: "inherit" });
      setInterval(() => {}, 60_000);
    `);
    const reader = parent.stdout.getReader();
    const pid = Number(Buffer.from((await reader.read()).value ?? []).toString());
    expect(isAlive(pid)).toBe(true);
    parent.kill("SIGKILL");
    expect((await reader.read()).done).toBe(true);
  });

  test("says when the parent is gone already", async () => {
    await using child = runProgram(
      `console.log(control.dieWithParent("SIGTERM", process.ppid), control.dieWithParent("SIGTERM", 1));`,
    );
    expect(await firstLine(child.stdout)).toBe("true false");
  });
});

describe("becomeSubreaper", () => {
  test("adopts the grandchildren, and reapExited tells how each one ended", async () => {
    await using parent = runProgram(`
      control.becomeSubreaper();
      // Each shell leaves one child behind, which outlives it, waits to be continued and then ends in its own way.
      const ends = [];
      for (const way of ["exit 7", "kill -9 $$", "exit 0"]) {
        const shell = Bun.spawn(["sh", "-c", "sh -c 'kill -STOP $$; " + way + "' & echo $!"], { stdout: "pipe" });
        const pid = Number(new TextDecoder().decode((await shell.stdout.getReader().read()).value));
        await shell.exited;
        const running = control.reapExited(pid);
        let end;
        while ((end = control.reapExited(pid)) === null) {
          process.kill(pid, "SIGCONT");
          await new Promise(setImmediate);
        }
        ends.push([running, end, control.reapExited(pid)]);
      }
      console.log(JSON.stringify(ends));
    `);
    expect(JSON.parse(await firstLine(parent.stdout))).toEqual([
      [null, { exitCode: 7 }, null],
      [null, { signal: "SIGKILL" }, null],
      [null, { exitCode: 0 }, null],
    ]);
  });
});

describe("becomeSubreaper › disposed of", () => {
  test("leaves orphans to somebody else again", async () => {
    await using parent = runProgram(`
      control.becomeSubreaper()[Symbol.dispose]();
      const shell = Bun.spawn(["sh", "-c", "sh -c 'echo $$ $PPID; kill -STOP $$' & exit 0"], { stdout: "pipe" });
      const [pid] = new TextDecoder().decode((await shell.stdout.getReader().read()).value).trim().split(" ");
      await shell.exited;
      const status = await Bun.file("/proc/" + pid + "/status").text();
      // First, because what is printed has the test end this program.
      process.kill(Number(pid), "SIGKILL");
      console.log(Number(/^PPid:\\s+(\\d+)/m.exec(status)[1]) === process.pid ? "adopted" : "left");
    `);
    expect(await firstLine(parent.stdout)).toBe("left");
  });
});

describe("reapExited", () => {
  test("takes no child but the one that is named", async () => {
    await using child = Bun.spawn(["true"]);
    expect(reapExited(-1)).toBeNull();
    expect(reapExited(0)).toBeNull();
    expect(reapExited(1)).toBeNull();
    expect(await child.exited).toBe(0);
  });
});

describe("raiseOpenFileLimit", () => {
  test("raises the soft limit to the hard one, for children, too", async () => {
    // The runtime raises its own limit when it starts, so the program lowers it first.
    await using child = runProgram(`
      import { libc } from ${JSON.stringify(join(import.meta.dir, "libc.ts"))};
      libc().setrlimit(7, BigUint64Array.of(300n, 600n));
      const inherited = () => Bun.spawnSync(["sh", "-c", "ulimit -Sn"]).stdout.toString().trim();
      console.log(inherited(), control.raiseOpenFileLimit(), inherited());
    `);
    expect(await firstLine(child.stdout)).toBe("300 600 600");
  });

  test("returns what holds when there is nothing to raise", () => {
    expect(raiseOpenFileLimit()).toBe(raiseOpenFileLimit());
    expect(raiseOpenFileLimit()).toBeGreaterThan(0);
  });
});

describe("scheduleInBatches", () => {
  test("changes the usual policy, and no other", async () => {
    await using child = Bun.spawn(["sleep", "60"]);
    expect(policyOf(child.pid)).toBe("0");
    expect(scheduleInBatches(child.pid)).toBe(true);
    expect(policyOf(child.pid)).toBe("3");
    expect(scheduleInBatches(child.pid)).toBe(false);
  });

  test("says when there is no such process", async () => {
    const child = Bun.spawn(["true"]);
    await child.exited;
    expect(scheduleInBatches(child.pid)).toBe(false);
  });
});

/** Field 41 of `/proc/PID/stat`, proc(5); the first one behind the name is field 3. */
function policyOf(pid: number): string | undefined {
  const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[38];
}
