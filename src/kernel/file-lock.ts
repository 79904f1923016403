import { closeSync, openSync } from "node:fs";

import { lastErrorName, libc } from "./libc.ts";
import { SystemCallError } from "./system-call-error.ts";

// <sys/file.h>
const LOCK_EX = 2;
const LOCK_NB = 4;

/**
 * A lock that this process holds on a file until it is disposed, or the process ends in whatever way: the kernel releases it. flock(2).
 * It binds only those who lock, too.
 */
export class FileLock implements Disposable {
  #fd: number;

  /** Use {@link tryLockFile}. */
  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Releases the lock; the file stays. */
  [Symbol.dispose](): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

/**
 * Locks a file, for this process alone, or returns `null` when somebody else holds it; it never waits.
 *
 * @param how `create` makes the file (mode 0600) and insists that it is new, `open` insists that it is there.
 * @throws the runtime's error (`EEXIST`, `ENOENT`, `EACCES`, …) when the file cannot be opened.
 * @throws {SystemCallError} when the file system knows no locks.
 */
export function tryLockFile(path: string, how: "create" | "open"): FileLock | null {
  const fd = openSync(path, how === "create" ? "wx" : "r", 0o600);
  if (libc().flock(fd, LOCK_EX | LOCK_NB) === 0) return new FileLock(fd);
  const errno = lastErrorName();
  closeSync(fd);
  if (errno === "EAGAIN" || errno === "EWOULDBLOCK") return null;
  throw new SystemCallError(`lock ${path}`, "flock", errno);
}
