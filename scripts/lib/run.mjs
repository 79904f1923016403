import { spawn } from "node:child_process";
import { constants } from "node:os";
import { stripVTControlCharacters } from "node:util";
import { repositoryPath } from "./repository.mjs";

/** A command that runs longer than this hangs: it is killed with everything it started. */
const DEADLINE_MS_DEFAULT = 20 * 60_000;

/**
 * How a command ended. `exitCode` is 127 when it could not be started and 128 + the signal's number when a signal ended it,
 * as a shell says it; `output` is stdout and stderr in the order they came, without colours (which some programs force in CI), and empty when they
 * went to the terminal.
 * @typedef {{ exitCode: number, output: string, isTimedOut: boolean }} Outcome
 */

/**
 * Runs a command in the checkout to its end; never throws for what the command does.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ isLive?: boolean, environment?: NodeJS.ProcessEnv, deadlineMs?: number }} [settings] `isLive` lets the command
 *   write to the terminal itself instead of into `output`.
 * @returns {Promise<Outcome>}
 */
export function run(command, args, { isLive = false, environment = {}, deadlineMs = DEADLINE_MS_DEFAULT } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd: repositoryPath,
      env: { ...process.env, ...environment },
      stdio: ["ignore", isLive ? "inherit" : "pipe", isLive ? "inherit" : "pipe"],
      detached: true, // A process group of its own, so that the deadline and Ctrl-C reach what it started, too.
    });
    let output = "";
    let isTimedOut = false;
    /** @param {NodeJS.Signals} signal */
    const killGroup = (signal) => {
      try {
        if (child.pid !== undefined) process.kill(-child.pid, signal);
      } catch {
        // The group is gone already.
      }
    };
    const deadline = setTimeout(() => {
      isTimedOut = true;
      killGroup("SIGKILL");
    }, deadlineMs);
    /** @param {NodeJS.Signals} signal */
    const interrupt = (signal) => {
      killGroup(signal);
      process.exit(130);
    };
    process.once("SIGINT", interrupt).once("SIGTERM", interrupt);

    /** @param {Omit<Outcome, "isTimedOut">} outcome */
    const settle = (outcome) => {
      clearTimeout(deadline);
      process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
      resolve({ ...outcome, isTimedOut, output: stripVTControlCharacters(outcome.output) });
    };
    child.stdout?.setEncoding("utf8").on("data", (text) => (output += text));
    child.stderr?.setEncoding("utf8").on("data", (text) => (output += text));
    child.once("error", (error) => settle({ exitCode: 127, output: error.message }));
    child.once("close", (exitCode, signal) => settle({ exitCode: exitCode ?? shellExitCode(signal), output }));
  });
}

/**
 * The exit code a shell gives a program that a signal ended.
 * @param {NodeJS.Signals | null} signal
 */
export const shellExitCode = (signal) => 128 + (signal === null ? 0 : constants.signals[signal]);
