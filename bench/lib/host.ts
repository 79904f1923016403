import { readFileSync } from "node:fs";

/** Processor time of the whole machine since boot, in clock ticks. */
export interface CpuTimes {
  readonly total: number;
  /** Time the host gave to somebody else while this machine wanted to run. */
  readonly steal: number;
}

/** Reads the first line of `/proc/stat`. proc(5). */
export function cpuTimes(): CpuTimes {
  const [line = ""] = readFileSync("/proc/stat", "utf8").split("\n", 1);
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  return { total: ticks.reduce((sum, value) => sum + value, 0), steal: ticks[7] ?? 0 };
}

/** Share (0 to 1) of the machine's time between two readings that the host took away. */
export function stealShare(before: CpuTimes, after: CpuTimes): number {
  const total = after.total - before.total;
  return total === 0 ? 0 : (after.steal - before.steal) / total;
}

/** Resident memory of a process in bytes; 0 once it is gone. */
export function residentBytes(processId: number): number {
  try {
    return Number(readFileSync(`/proc/${processId}/statm`, "utf8").split(" ")[1]) * 4096;
  } catch {
    return 0;
  }
}
