import { spawn } from "node:child_process";
import { shellExitCode } from "./run.mjs";

/** The same signal closer together than this is one Ctrl-C. */
const REPEAT_MS_MIN_DEFAULT = 500;

/**
 * Runs a program in the foreground: it has the terminal, gets the signals this process gets, and its exit code is returned.
 *
 * One Ctrl-C reaches this process twice, from the terminal and from npm, and would reach the program itself a third time; Vilya takes
 * a second one as "stop now". So the program gets a process group of its own, and a signal is passed on once.
 * @param {string} program
 * @param {readonly string[]} args
 * @param {{ cwd: string, environment?: Readonly<Record<string, string>>, repeatMsMin?: number, onStarted?: (hasExited: () => boolean) => Promise<void> }} settings
 *   `environment` is added to ours; `onStarted` runs beside the program and can ask whether it is gone.
 * @returns {Promise<number>} the exit code, as a shell gives it.
 */
export function runInForeground(program, args, { cwd, environment, repeatMsMin = REPEAT_MS_MIN_DEFAULT, onStarted }) {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: "inherit",
      detached: true,
    });
    let hasExited = false;
    /** @type {Map<NodeJS.Signals, number>} */
    const passedOnAtMs = new Map();
    /** @param {NodeJS.Signals} signal */
    const passOn = (signal) => {
      const nowMs = performance.now();
      if (nowMs - (passedOnAtMs.get(signal) ?? Number.NEGATIVE_INFINITY) < repeatMsMin) return;
      passedOnAtMs.set(signal, nowMs);
      child.kill(signal);
    };
    process.on("SIGINT", passOn).on("SIGTERM", passOn);
    process.on("SIGHUP", () => passOn("SIGTERM")); // The terminal is gone, and nobody else would stop the program.

    child.once("error", reject);
    child.once("exit", (exitCode, signal) => {
      hasExited = true;
      resolve(exitCode ?? shellExitCode(signal));
    });
    onStarted?.(() => hasExited).catch(reject);
  });
}
