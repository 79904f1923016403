import { lastErrorName, libc } from "./libc.ts";
import { SystemCallError } from "./system-call-error.ts";

// <sys/resource.h> on Linux
const RLIMIT_NOFILE = 7;
const RLIMIT_AS = 9;
const PRIO_PROCESS = 0;

/** What a process may take. 0 leaves each as it is. */
export interface ProcessLimits {
  /** Descriptors. */
  readonly openFileCountMax: number;
  /** Address space in bytes. */
  readonly addressSpaceBytesMax: number;
  /** From 0 to 19, the furthest behind others. */
  readonly niceness: number;
}

/** Leaves a process as it is. */
export const NO_LIMITS: ProcessLimits = { openFileCountMax: 0, addressSpaceBytesMax: 0, niceness: 0 };

/**
 * Bounds a process from outside, for good: it cannot raise the limits again. What it starts inherits them.
 *
 * @throws {SystemCallError} when the kernel refuses, as it does for more than this process may have itself (EPERM).
 */
export function limitProcess(pid: number, limits: ProcessLimits): void {
  const { openFileCountMax, addressSpaceBytesMax, niceness } = limits;
  if (openFileCountMax > 0) setLimit(pid, RLIMIT_NOFILE, openFileCountMax);
  if (addressSpaceBytesMax > 0) setLimit(pid, RLIMIT_AS, addressSpaceBytesMax);
  if (niceness > 0 && libc().setpriority(PRIO_PROCESS, pid, niceness) === -1) {
    throw new SystemCallError(`make process ${pid} stand back`, "setpriority", lastErrorName());
  }
}

function setLimit(pid: number, resource: number, value: number): void {
  const limit = BigUint64Array.of(BigInt(value), BigInt(value)); // struct rlimit64: { soft, hard }
  if (libc().prlimit64(pid, resource, limit, null) === -1) {
    throw new SystemCallError(`limit process ${pid} to ${value}`, "prlimit64", lastErrorName());
  }
}
