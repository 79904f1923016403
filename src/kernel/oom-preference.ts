import { readFileSync, writeFileSync } from "node:fs";

/** Proc(5): a thousandth of the memory that there is, or that the control group may have, each. */
const ADJUSTMENT_MAX = 1_000;

/** Enough for a small worker to be preferred to a process that has three tenths of the memory more. */
const PREFERENCE = 300;

/**
 * Has the kernel choose a process, and what it starts, before this one when memory runs out: one that costs a request and is replaced, in the
 * place of one that serves everybody. Where the kernel does not let it, nothing changes.
 */
export function preferToKill(pid: number): void {
  try {
    const own = Number(readFileSync("/proc/self/oom_score_adj", "latin1"));
    writeFileSync(`/proc/${pid}/oom_score_adj`, String(Math.min(own + PREFERENCE, ADJUSTMENT_MAX)));
  } catch {
    // The process has ended, or there is no /proc that may be written to.
  }
}
