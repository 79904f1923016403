import { lstatSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { assert } from "../base/assert.ts";
import { type FileLock, tryLockFile } from "../kernel/file-lock.ts";
import type { Logger } from "../telemetry/logger.ts";
import { RuntimeDirectoryError } from "./runtime-parent.ts";

/** unix(7): `sun_path` holds 108 bytes, the last one NUL. */
const SOCKET_PATH_BYTES_MAX = 107;

/** The longest socket name below an instance's directory, with its front's directory and both slashes. */
const SOCKET_NAME_BYTES_MAX = "/front-9999999/".length + 32;

const LOCK_NAME = "lock";

/** `vilya-<instance>-<six random characters>`. */
const INSTANCE_PATTERN = /^vilya-.+-[A-Za-z0-9]{6}$/;

/**
 * The directory in which one running instance keeps its sockets, one folder below it for each front.
 *
 * Invariant: it is a fresh directory of this user with mode 0700, and the lock in it is held exactly as long as its instance lives (the
 * kernel releases it even after `kill -9`). So two instances never share one, and a directory whose lock is free may be removed by anybody.
 */
export class RuntimeDirectory implements Disposable {
  readonly path: string;
  readonly #lock: FileLock;

  /**
   * @param parent an absolute path from `findRuntimeParent`.
   * @param name the instance's, for people; the random end is what makes the path unique.
   * @throws {RuntimeDirectoryError} when sockets in it would have paths that no socket can have.
   */
  constructor({ parent, name }: { parent: string; name: string }) {
    const pathBytes = Buffer.byteLength(join(parent, `vilya-${name}-123456`));
    if (pathBytes + SOCKET_NAME_BYTES_MAX > SOCKET_PATH_BYTES_MAX) {
      throw new RuntimeDirectoryError(
        `Cannot keep sockets in ${parent}: their paths would be up to ${pathBytes + SOCKET_NAME_BYTES_MAX} bytes long, ${SOCKET_PATH_BYTES_MAX} are allowed; set runtime_dir to a shorter path`,
      );
    }
    // Only with the lock in it does it get the name that others look for: no moment when it seems to be abandoned.
    const draft = mkdtempSync(join(parent, `.vilya-${name}-`));
    const lock = tryLockFile(join(draft, LOCK_NAME), "create");
    assert(lock !== null, "nobody else locks a file in a directory that is new");
    this.#lock = lock;
    this.path = join(parent, basename(draft).slice(1));
    renameSync(draft, this.path);
  }

  /** Makes the private folder of the front with this number. */
  addFront(generation: number): string {
    const path = join(this.path, `front-${generation}`);
    mkdirSync(path, { mode: 0o700 });
    return path;
  }

  /** Removes a front's folder with the sockets a killed front left in it. */
  removeFront(path: string): void {
    rmSync(path, { recursive: true, force: true });
  }

  /** Removes everything; the last act of an instance. */
  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true });
    this.#lock[Symbol.dispose]();
  }
}

/** Removes what instances of this user that were killed left in `parent`. */
export function sweepRuntimeParent(parent: string, log: Logger): void {
  for (const name of readdirSync(parent)) {
    if (!INSTANCE_PATTERN.test(name)) continue;
    const path = join(parent, name);
    try {
      const stats = lstatSync(path);
      if (!stats.isDirectory() || stats.uid !== process.getuid!()) continue;
      using lock = tryLockFile(join(path, LOCK_NAME), "open");
      if (lock === null) continue;
      rmSync(path, { recursive: true, force: true });
      log.info("abandoned runtime directory removed", { path });
    } catch (error) {
      // Another instance may be sweeping, too; what stays is found next time.
      log.debug("runtime directory not swept", { path, error: error as Error });
    }
  }
}
