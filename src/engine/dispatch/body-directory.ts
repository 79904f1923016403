import { chmodSync, lstatSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";

import { assert } from "../../base/assert.ts";
import type { WorkerIdentity } from "../../config/worker-identity.ts";
import { type FileLock, tryLockFile } from "../../kernel/file-lock.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { removeDirectory } from "../master/runtime-directory.ts";
import { assertReachable } from "../worker-users.ts";

/** `vilya-bodies-<six random characters>`. */
const PREFIX = "vilya-bodies-";
const NAME_PATTERN = /^vilya-bodies-[A-Za-z0-9]{6}$/;

/**
 * The directory in which one front keeps the request bodies that workers read as files.
 *
 * Invariant: it is a fresh directory that only this user may list and write to, and locked exactly as long as its front lives (the kernel releases the lock
 * even after `kill -9`). So what is not locked was left behind, and the next front to start removes it.
 */
export class BodyDirectory implements Disposable {
  readonly path: string;
  readonly #lock: FileLock;

  /**
   * @param parent an absolute path that exists, and may be shared.
   * @param isPassable whether others may pass through, to directories of their own.
   * @throws the system's error (`EACCES`, `ENOSPC`, …), or a `SystemCallError` where directories cannot be locked.
   */
  constructor(parent: string, { isPassable = false }: { readonly isPassable?: boolean } = {}) {
    // Only when it is locked does it get the name that others look for: no moment when it seems to be abandoned.
    const draft = mkdtempSync(join(parent, `.${PREFIX}`));
    try {
      const lock = tryLockFile(draft, "open");
      assert(lock !== null, "nobody else locks a directory that is new");
      this.#lock = lock;
      if (isPassable) chmodSync(draft, 0o711);
      this.path = join(parent, basename(draft).slice(1));
      renameSync(draft, this.path);
    } catch (error) {
      removeDirectory(draft);
      throw error;
    }
  }

  /** Removes it with what is still in it. */
  [Symbol.dispose](): void {
    removeDirectory(this.path);
    this.#lock[Symbol.dispose]();
  }
}

/** Removes the directories of bodies that fronts of this user which were killed left in `parent`. */
export function sweepBodyDirectories(parent: string, log: Logger): void {
  for (const name of readdirSync(parent)) {
    if (!NAME_PATTERN.test(name)) continue;
    const path = join(parent, name);
    try {
      const stats = lstatSync(path);
      if (!stats.isDirectory() || stats.uid !== process.getuid!()) continue;
      using lock = tryLockFile(path, "open");
      if (lock === null) continue;
      rmSync(path, { recursive: true, force: true });
      log.info("abandoned request bodies removed", { path });
    } catch (error) {
      // Another front may be sweeping, too; what stays is found next time.
      log.debug("request bodies not swept", { path, error: error as Error });
    }
  }
}

/** Removes what fronts of this user that are gone have left in `parent`, for a master that starts none any more. */
export function sweepBehindFronts(parent: string, log: Logger): void {
  try {
    sweepBodyDirectories(parent, log);
  } catch (error) {
    log.debug("request bodies not swept", { path: parent, error: error as Error });
  }
}

/**
 * Makes the directory of a front, which all of `users` can get to; `null`, and a warning, where that cannot be: bodies then go to workers by
 * value.
 */
export function openBodyDirectory(
  parent: string,
  log: Logger,
  users: readonly WorkerIdentity[] = [],
): BodyDirectory | null {
  try {
    sweepBodyDirectories(parent, log);
    assertReachable(parent, users, "server.body_dir");
    return new BodyDirectory(parent, { isPassable: users.length > 0 });
  } catch (error) {
    log.warn("request bodies go to workers by value", { parent, error: error as Error });
    return null;
  }
}
