import type { Logger } from "../telemetry/logger.ts";

/** Faults written in one second; the rest of that second is counted. A fault in a hot path must not fill the disk. */
const FAULTS_LOGGED_PER_SECOND_MAX = 10;

/**
 * Keeps the process alive through exceptions and rejections that nobody caught: each is logged with its stack, and the process goes on.
 * They are bugs of ours, and what they cost is the connection or request they happened in. Exiting would cost all the others, and a client
 * that can provoke one could stop the service with it; a process that really cannot go on misses its heartbeats and is replaced.
 */
export function containFaults(log: Logger): Disposable {
  let second = 0;
  let count = 0;
  const contain = (error: unknown): void => {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) {
      const unwritten = count - FAULTS_LOGGED_PER_SECOND_MAX;
      if (unwritten > 0) log.error("more faults contained", { count: unwritten });
      second = now;
      count = 0;
    }
    if (++count > FAULTS_LOGGED_PER_SECOND_MAX) return;
    log.error("fault contained", { error: error instanceof Error ? error : new Error(String(error)) });
  };
  process.on("uncaughtException", contain);
  process.on("unhandledRejection", contain);
  return {
    [Symbol.dispose](): void {
      process.off("uncaughtException", contain);
      process.off("unhandledRejection", contain);
    },
  };
}
