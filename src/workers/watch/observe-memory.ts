import type { Logger } from "../../telemetry/logger.ts";
import { MEMORY_SAMPLE_MS } from "./memory-trend.ts";
import { readResidentBytes } from "./resident-memory.ts";
import type { Worker } from "../worker.ts";

/** Looks at the memory of a worker that has served, now and then, and says once if it grows with its requests. */
export function observeMemory(worker: Worker, nowMs: number, log: Logger): void {
  const { memoryTrend, processId, servedCount } = worker;
  if (nowMs - memoryTrend.observedMs < MEMORY_SAMPLE_MS || processId === null) return;
  memoryTrend.observe({ atMs: nowMs, servedCount, residentBytes: readResidentBytes(processId) });
  const { growth } = memoryTrend;
  if (growth === null || worker.isGrowthTold) return;
  worker.isGrowthTold = true;
  const { bytesPerRequest, sinceMs } = growth;
  log.warn("worker memory grows with its requests", {
    workerId: worker.id,
    pid: processId,
    bytesPerRequest,
    forMs: Math.round(nowMs - sinceMs),
    servedCount,
  });
}
