import { requestLineOf } from "../protocols/worker/request-line.ts";
import type { WorkerStatus } from "./pool-status.ts";
import { readResidentBytes } from "./watch/resident-memory.ts";
import type { Worker } from "./worker.ts";
import { lastLines } from "./worker-end.ts";

/** What operators are told of a worker. It looks at the worker's process: not for hot paths. */
export function describeWorker(worker: Worker, generation: number, nowMs: number): WorkerStatus {
  const { oldestCall } = worker;
  return {
    id: worker.id,
    pid: worker.processId,
    generation,
    state: worker.state,
    inFlightCount: worker.inFlightCount,
    servedCount: worker.servedCount,
    request: oldestCall === null ? null : requestLineOf(oldestCall.frame),
    requestAgeMs: oldestCall === null ? null : Math.max(0, nowMs - oldestCall.begunMs),
    residentBytes: worker.processId === null ? 0 : readResidentBytes(worker.processId),
    growth: growthOf(worker, nowMs),
    isBlocked: worker.isBlocked,
    stderr: lastLines(worker.process?.lastErrorLines ?? []),
    readyMs: Number.isFinite(worker.readySinceMs) ? nowMs - worker.readySinceMs : null,
  };
}

function growthOf({ memoryTrend: { growth } }: Worker, nowMs: number): WorkerStatus["growth"] {
  return growth === null
    ? null
    : { bytesPerRequest: growth.bytesPerRequest, forMs: Math.max(0, nowMs - growth.sinceMs) };
}
