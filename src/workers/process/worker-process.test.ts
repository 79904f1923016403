import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { assertNoLeaks, type Snapshot, snapshot } from "../../../test/support/leak-check.ts";
import { isRunning, processEntry } from "../../../test/support/process-table.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import { until } from "../../../test/support/until.ts";
import { NO_LIMITS } from "../../kernel/process-limits.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { SpawnedChild } from "./spawned-child.ts";
import { WorkerProcess } from "./worker-process.ts";

let directory: string;
let before: Snapshot;

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "wp-"));
  before = snapshot(directory);
});

afterEach(async () => {
  try {
    await assertNoLeaks(before);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

/** A shell as the worker. */
function start(
  script: string,
  stopTimeoutMs = 60_000,
  scheduling: "batch" | "normal" = "batch",
): { worker: WorkerProcess; log: RecordingLog; gone: Promise<void>; events: string[] } {
  const log = new RecordingLog();
  const events: string[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const worker = new WorkerProcess({
    start: (owner) =>
      new SpawnedChild(
        {
          command: ["sh", "-c", script],
          workingDirectory: directory,
          environment: { PATH: process.env["PATH"] ?? "", DIRECTORY: directory },
          scheduling,
          limits: NO_LIMITS,
        },
        owner,
      ),
    stopTimeoutMs,
    wheel: new TimerWheel(),
    log,
    name: { workerId: 5 },
    onPid: () => events.push("pid"),
    onExit: () => events.push("exit"),
    onGone: () => {
      events.push("gone");
      resolve();
    },
  });
  return { worker, log, gone: promise, events };
}

/** Waits until the worker has written a line to `name`. */
async function written(name: string): Promise<string> {
  return until(name, () => {
    try {
      const text = readFileSync(join(directory, name), "utf8");
      return text.endsWith("\n") ? text : null;
    } catch {
      return null;
    }
  });
}

describe("WorkerProcess", () => {
  test.each([
    ["batch", "3"],
    ["normal", "0"],
  ] as const)("runs under the policy of `%s`", async (scheduling, policy) => {
    const { worker, gone } = start("exec sleep 60", undefined, scheduling);
    const stat = readFileSync(`/proc/${worker.pid}/stat`, "latin1");
    // Field 41 is the policy. proc(5), <sched.h>.
    expect(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[38]).toBe(policy);
    worker.kill();
    await gone;
  });

  test("captures both streams, to the last byte, before it is gone", async () => {
    const { worker, log, gone, events } = start("echo out; echo err >&2; printf 'no end'; exit 3");
    await gone;
    expect(log.outputLines("stdout")).toEqual(["out", "no end"]);
    expect(log.outputLines("stderr")).toEqual(["err"]);
    expect(log.events[0]?.fields).toMatchObject({ workerId: 5, pid: worker.pid });
    expect(worker.lastErrorLines).toEqual(["err"]);
    expect(worker).toMatchObject({ exitCode: 3, signal: null, isGone: true });
    expect(events).toEqual(["pid", "exit", "gone"]);
  });

  test("leads a session of its own, in its directory, with the environment it was given and no more", async () => {
    const { gone, log } = start(
      "pwd; names=$(env | cut -d= -f1 | grep -v -e PWD -e SHLVL -e _ | sort | tr '\\n' ' '); ps -o sid= -p $$ | grep -qw $$ && echo \"${names}leader\"",
    );
    await gone;
    expect(log.outputLines("stdout")).toEqual([directory, "DIRECTORY PATH leader"]);
  });

  test("never blocks on what it prints", async () => {
    const { gone, log } = start(
      "head -c 20000000 /dev/zero | tr '\\0' x; yes | head -n 200000; echo done > $DIRECTORY/done",
    );
    await gone;
    expect(await written("done")).toBe("done\n");
    const dropped = log.named("worker output dropped").map(({ fields }) => Number(fields["lineCount"]));
    expect(dropped.reduce((sum, lineCount) => sum + lineCount, 0)).toBeGreaterThan(100_000);
  });

  test("may exit by itself within its grace", async () => {
    const { worker, gone } = start("sleep 0.05; exit 0");
    worker.endWithin(60_000);
    await gone;
    expect(worker).toMatchObject({ exitCode: 0, signal: null });
  });

  test("gets SIGTERM after its grace", async () => {
    const { worker, gone } = start("sleep 999");
    worker.endWithin(50);
    worker.endWithin(60_000);
    await gone;
    expect(worker.signal).toBe("SIGTERM");
  });

  test("gets SIGKILL when it ignores SIGTERM", async () => {
    const { worker, gone } = start("trap '' TERM; echo > ready; while :; do sleep 999; done", 50);
    await written("ready");
    worker.endWithin(0);
    await gone;
    expect(worker.signal).toBe("SIGKILL");
  });

  test("is killed even while it is stopped", async () => {
    const { worker, gone } = start("sleep 999", 50);
    process.kill(worker.pid, "SIGSTOP");
    await until("the stop", () => processEntry(worker.pid)?.state === "T");
    worker.endWithin(0);
    await gone;
    expect(worker.signal).toBe("SIGKILL");
  });

  test("takes its children along, with SIGTERM and when it exits by itself", async () => {
    const terminated = start("sleep 999 & echo $! > child; wait");
    const child = Number(await written("child"));
    terminated.worker.endWithin(0);
    await terminated.gone;
    await until("the child's end", () => !isRunning(child));

    const exiting = start("sleep 999 & echo $! > orphan; exit 0");
    const orphan = Number(await written("orphan"));
    await exiting.gone;
    await until("the orphan's end", () => !isRunning(orphan));
    expect(exiting.worker.exitCode).toBe(0);
  });

  test("is gone soon, even if one that left its group holds its output open", async () => {
    const { worker, gone } = start(
      "setsid sh -c 'echo $$ > holder; exec sleep 999' & while [ ! -s holder ]; do sleep 0.01; done; exit 0",
    );
    await gone;
    expect(worker.exitCode).toBe(0);
    const holder = Number(await written("holder"));
    expect(isRunning(holder)).toBe(true);
    process.kill(holder, "SIGKILL");
  });

  test("cannot be made of what is no program", () => {
    const command = ["/dev/null"];
    const options = {
      command,
      workingDirectory: directory,
      environment: {},
      scheduling: "normal",
      limits: NO_LIMITS,
    } as const;
    const make = (): WorkerProcess =>
      new WorkerProcess({
        start: (owner) => new SpawnedChild(options, owner),
        stopTimeoutMs: 1,
        wheel: new TimerWheel(),
        log: new RecordingLog(),
        name: {},
        onPid() {},
        onExit() {},
        onGone() {},
      });
    expect(make).toThrow("EACCES");
  });
});
