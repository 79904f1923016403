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

/** The kernel's unit of processor time in `/proc`, in microseconds: USER_HZ is 100 wherever Linux runs. */
export const TICK_US = 10_000;

/** What a process has used since its start, its threads together. */
export interface ProcessTimes {
  /** Processor time outside of the kernel, in clock ticks. */
  readonly user: number;
  /** Processor time inside of the kernel, in clock ticks. */
  readonly kernel: number;
  /** How often its first thread has gone to sleep of its own accord. */
  readonly sleepCount: number;
}

/** Reads `/proc/PID/stat` and `/proc/PID/status`. proc(5). @throws once the process is gone. */
export function processTimes(processId: number): ProcessTimes {
  const stat = readFileSync(`/proc/${processId}/stat`, "utf8");
  // The name, in parentheses, may hold anything; utime and stime are fields 14 and 15, and the first one behind the name is field 3.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const status = readFileSync(`/proc/${processId}/status`, "utf8");
  const sleepCount = Number(/^voluntary_ctxt_switches:\s+(\d+)/m.exec(status)?.[1]);
  return { user: Number(fields[11]), kernel: Number(fields[12]), sleepCount };
}

/** Processor time of a process so far in microseconds, its threads together, in the kernel and outside. @throws once the process is gone. */
export function processorUs(processId: number): number {
  const { user, kernel } = processTimes(processId);
  return (user + kernel) * TICK_US;
}
