import { readFileSync } from "node:fs";

/** The resident memory of a process in bytes, from `/proc`, shared pages included; 0 when there is no such process. proc_pid_status(5). */
export function readResidentBytes(processId: number): number {
  try {
    const match = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/status`, "latin1"));
    return match === null ? 0 : Number(match[1]) * 1024;
  } catch {
    return 0;
  }
}
