import { spawn } from "node:child_process";
import { constants } from "node:os";
import { stripVTControlCharacters } from "node:util";
import { repositoryPath } from "./repository.mjs";

/** A command that runs longer than this hangs: it is killed with everything it started. */
const DEADLINE_MS_DEFAULT = 20 * 60_000;
/** How long what a command started may hold its output open after the command has ended: what is on its way out, on a machine that stalls. */
const ORPHAN_GRACE_MS_DEFAULT = 30_000;

/** @typedef {import("node:child_process").ChildProcess} ChildProcess */

/**
 * What runs now. Each leads a process group of its own, so that a deadline and Ctrl-C reach what it started, too.
 * @type {Set<ChildProcess>}
 */
const running = new Set();

/**
 * How a command ended. `exitCode` is 127 when it could not be started and 128 + the signal's number when a signal ended it, as a
 * shell says it; `output` is stdout and stderr in the order they came, without the colours that some programs force in CI;
 * `hasLeftOrphans` when the command ended and what it had started did not, and had to be killed.
 * @typedef {{ exitCode: number, output: string, isTimedOut: boolean, hasLeftOrphans: boolean }} Outcome
 */

/**
 * Runs a command in the checkout to its end; never throws for what the command does.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ environment?: NodeJS.ProcessEnv, deadlineMs?: number, orphanGraceMs?: number }} [settings]
 * @returns {Promise<Outcome>}
 */
export function run(
  command,
  args,
  { environment = {}, deadlineMs = DEADLINE_MS_DEFAULT, orphanGraceMs = ORPHAN_GRACE_MS_DEFAULT } = {},
) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: repositoryPath,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
    });
    addRunning(child);
    let output = "";
    let isTimedOut = false;
    let hasLeftOrphans = false;
    const deadline = setTimeout(() => {
      isTimedOut = true;
      signalGroup(child, "SIGKILL");
    }, deadlineMs);
    /** @type {NodeJS.Timeout | undefined} */
    let orphanGrace;

    /** @param {number} exitCode */
    const settle = (exitCode) => {
      clearTimeout(deadline);
      clearTimeout(orphanGrace);
      removeRunning(child);
      resolve({ exitCode, output: stripVTControlCharacters(output), isTimedOut, hasLeftOrphans });
    };
    child.stdout.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", (error) => {
      output += error.message;
      settle(127);
    });
    child.once("exit", () => {
      orphanGrace = setTimeout(() => {
        hasLeftOrphans = true;
        signalGroup(child, "SIGKILL");
      }, orphanGraceMs);
    });
    child.once("close", (exitCode, signal) => settle(exitCode ?? shellExitCode(signal)));
  });
}

/**
 * The exit code a shell gives a program that a signal ended.
 * @param {NodeJS.Signals | null} signal
 */
export const shellExitCode = (signal) => 128 + (signal === null ? 0 : constants.signals[signal]);

/** @param {ChildProcess} child */
function addRunning(child) {
  if (running.size === 0) process.on("SIGINT", interrupt).on("SIGTERM", interrupt).on("SIGHUP", interrupt);
  running.add(child);
}

/** @param {ChildProcess} child */
function removeRunning(child) {
  running.delete(child);
  if (running.size === 0) process.off("SIGINT", interrupt).off("SIGTERM", interrupt).off("SIGHUP", interrupt);
}

/** @param {NodeJS.Signals} signal */
function interrupt(signal) {
  // Not the signal itself: what a shell starts in the background ignores SIGINT.
  for (const child of running) signalGroup(child, "SIGTERM");
  process.exit(shellExitCode(signal));
}

/**
 * @param {ChildProcess} child
 * @param {NodeJS.Signals} signal
 */
function signalGroup(child, signal) {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // The group is gone already.
  }
}
