import type { LogFields, Logger } from "../../telemetry/logger.ts";
import type { PoolCounters } from "../pool-status.ts";
import type { Worker } from "../worker.ts";
import { describeStartFailure } from "./start-failure.ts";
import type { LeaveReason } from "../worker-context.ts";

/**
 * Counts a worker that is gone and says in the log why, loud where somebody should look and with its last words where it failed.
 *
 * @returns why it is gone; `left` is in good order.
 */
export function reportExit(worker: Worker, counters: PoolCounters, log: Logger): LeaveReason | "crashed" {
  const { id, process, leaveReason, servedCount, error } = worker;
  const exitCode = process?.exitCode ?? null;
  const fields: LogFields = {
    workerId: id,
    pid: process?.pid || undefined,
    reason: leaveReason,
    exitCode,
    signal: process?.signal,
    servedCount,
  };
  switch (leaveReason) {
    case "start-failed":
    case "start-timeout":
      counters.startFailedCount++;
      log.error("worker failed to start", {
        ...fields,
        error: error ?? undefined,
        // An exit code other than 0 speaks for itself, beside the lines of STDERR.
        cause: error === null && !exitCode ? describeStartFailure(worker).reason : undefined,
        stderr: process?.lastErrorLines,
      });
      return leaveReason;
    case "protocol-error":
    case "left":
      if (exitCode === 0 && error === null && !worker.wasRunning) {
        counters.leftCount++;
        log.debug("worker left", fields);
        return "left";
      }
      counters.crashedCount++;
      log.warn("worker crashed", {
        ...fields,
        wasRunning: worker.wasRunning,
        error: error ?? undefined,
        stderr: process?.lastErrorLines,
      });
      return "crashed";
    case "request-timeout":
      counters.endedCounts[leaveReason]++;
      log.warn("worker ended after a request timeout", fields);
      return leaveReason;
    case "cancel-ignored":
      counters.endedCounts[leaveReason]++;
      log.warn("worker ended after it ignored a cancel", fields);
      return leaveReason;
    case "unresponsive":
      counters.endedCounts[leaveReason]++;
      log.warn("worker ended because its loop was blocked", fields);
      return leaveReason;
    case "max-requests":
    case "memory":
    case "asked":
    case "requested":
      counters.recycledCounts[leaveReason]++;
      log.info("worker recycled", fields);
      return leaveReason;
    case "scaled-down":
      counters.scaledDownCount++;
      log.info("worker retired", fields);
      return leaveReason;
    case "stopped":
    case null:
      log.debug("worker stopped", fields);
      return "stopped";
  }
}
