import { constants } from "node:os";

import { lastErrorName, libc } from "./libc.ts";
import { SystemCallError } from "./system-call-error.ts";

// <linux/prctl.h>
const PR_SET_PDEATHSIG = 1;
const PR_SET_CHILD_SUBREAPER = 36;
// <sys/resource.h>
const RLIMIT_NOFILE = 7;
const WNOHANG = 1;
// <sched.h>
const SCHED_OTHER = 0;
const SCHED_BATCH = 3;

/** How a process ended: by itself, or by a signal. */
export type ProcessExit = { readonly exitCode: number } | { readonly signal: NodeJS.Signals };

/**
 * Has the kernel send `signal` to this process when the one that started it is gone, however that ended.
 *
 * @param parentPid who started this process, if known. The parent may be gone before this call, and then no signal ever comes.
 * @returns false when that has happened: the caller ends by itself.
 * @throws {SystemCallError} when the kernel refuses.
 */
export function dieWithParent(signal: NodeJS.Signals, parentPid?: number): boolean {
  if (libc().prctl(PR_SET_PDEATHSIG, constants.signals[signal]) === -1) {
    throw new SystemCallError("tie this process to its parent", "prctl", lastErrorName());
  }
  return parentPid === undefined || libc().getppid() === parentPid;
}

/**
 * Makes this process the one that inherits its descendants when their own parents die, instead of process 1: none gets out of sight. Those
 * that exit stay zombies until {@link reapExited} is called for them. Disposing of what it returns ends that for the deaths to come.
 *
 * @throws {SystemCallError} when the kernel refuses.
 */
export function becomeSubreaper(): Disposable {
  if (libc().prctl(PR_SET_CHILD_SUBREAPER, 1) === -1) {
    throw new SystemCallError("adopt the descendants of this process", "prctl", lastErrorName());
  }
  return {
    [Symbol.dispose](): void {
      libc().prctl(PR_SET_CHILD_SUBREAPER, 0);
    },
  };
}

/**
 * Takes the exit of one child off the kernel's list if it has ended; it never waits. Returns `null` while it runs and when this process has
 * no such child. Never ask for a child that the runtime spawned: the runtime would wait for its exit for ever.
 */
export function reapExited(pid: number): ProcessExit | null {
  const status = new Uint8Array(4);
  // Zero and -1 would take whatever child there is, the runtime's included.
  if (pid <= 0 || libc().waitpid(pid, status, WNOHANG) !== pid) return null;
  // <sys/wait.h>: the low seven bits are the signal, the byte above is the exit code; bit 7 says that a core was dumped.
  const signalNumber = status[0]! & 0x7f;
  return signalNumber === 0 ? { exitCode: status[1]! } : { signal: signalName(signalNumber) };
}

/**
 * Raises this process's limit of open files to what an administrator allows (its hard limit); children inherit it.
 *
 * @returns the limit that holds now: as it was where the kernel refuses; `Infinity` when there is none.
 */
export function raiseOpenFileLimit(): number {
  const limit = new BigUint64Array(2); // struct rlimit: { soft, hard }
  if (libc().getrlimit(RLIMIT_NOFILE, limit) === -1) {
    throw new SystemCallError("read the limit of open files", "getrlimit", lastErrorName());
  }
  const [soft = 0n, hard = 0n] = limit;
  if (soft === hard) return limitToNumber(soft);
  limit[0] = hard;
  return limitToNumber(libc().setrlimit(RLIMIT_NOFILE, limit) === -1 ? soft : hard);
}

/**
 * Has the kernel treat a process as one that computes (`SCHED_BATCH`, sched(7)): when it wakes up it waits its turn instead of pushing aside
 * who runs, so that fewer switches are made. What the process starts inherits that.
 *
 * @returns false where it stays as it is: whoever started us chose another policy than the usual one, or the system has no such call (musl).
 */
export function scheduleInBatches(pid: number): boolean {
  if (libc().sched_getscheduler(pid) !== SCHED_OTHER) return false;
  return libc().sched_setscheduler(pid, SCHED_BATCH, new Int32Array(1)) === 0;
}

function limitToNumber(limit: bigint): number {
  return limit === 0xffff_ffff_ffff_ffffn ? Infinity : Number(limit);
}

function signalName(number: number): NodeJS.Signals {
  const entry = Object.entries(constants.signals).find(([, value]) => value === number);
  // Real-time signals have no name of their own.
  return (entry?.[0] ?? `SIGRTMIN+${number - 34}`) as NodeJS.Signals;
}
