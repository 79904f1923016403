import type { Worker } from "../worker.ts";

/** Lines of STDERR that are kept of it. */
const LINE_COUNT_MAX = 20;

/** Why a worker did not come to serve. What it says of itself is for operators, never for clients. */
export interface StartFailure {
  /** One clause. */
  readonly reason: string;
  /** The end of what it wrote to STDERR, oldest line first. */
  readonly stderr: readonly string[];
}

/** What a script does that is none of a worker's: a page of PHP's, a program that has done its work. */
const ENDED_BY_ITSELF =
  "a worker ended by itself before it was ready, one that serves until it is told to stop is allowed";

/** These workers could have served, and were not let. */
export const NOT_LET: StartFailure = { reason: "the workers of another front do not start", stderr: [] };

/** Tells of a worker whose process is gone. */
export function describeStartFailure({ process, leaveReason, error }: Worker): StartFailure {
  return { reason: reasonOf(), stderr: (process?.lastErrorLines ?? []).slice(-LINE_COUNT_MAX) };

  function reasonOf(): string {
    if (leaveReason === "start-timeout") return "a worker was not ready within workers.start_timeout";
    if (error !== null) return error.message;
    const { signal = null, exitCode = null } = process ?? {};
    if (signal === null && exitCode === 0) return ENDED_BY_ITSELF;
    return signal === null ? `a worker exited with code ${exitCode}` : `a worker was ended by ${signal}`;
  }
}
