import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { assert } from "../../base/assert.ts";
import { type FileLock, tryLockFile } from "../../kernel/file-lock.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { RuntimeDirectoryError } from "./runtime-parent.ts";

/** unix(7): `sun_path` holds 108 bytes, the last one NUL. */
const SOCKET_PATH_BYTES_MAX = 107;

/** The longest socket name below an instance's directory, with its front's directory and both slashes. */
const SOCKET_NAME_BYTES_MAX = "/front-9999999/".length + 32;

/** In every runtime directory, with the process id of its master, for people; without it a directory is not taken for one. */
const MARKER_NAME = "master.pid";

/** `vilya-<instance>-<six random characters>`. */
const INSTANCE_PATTERN = /^vilya-.+-[A-Za-z0-9]{6}$/;

/**
 * The directory in which one running instance keeps its sockets, one folder below it for each front.
 *
 * Invariant: it is a fresh directory that only this user may list and write to, and locked exactly as long as its master lives (the kernel releases the
 * lock even after `kill -9`). So two instances never share one, one that is not locked may be removed, and systemd-tmpfiles, which cleans
 * up temporary directories by age, leaves it alone.
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
    try {
      // Only when it is locked does it get the name that others look for: no moment when it seems to be abandoned.
      const draft = mkdtempSync(join(parent, `.vilya-${name}-`));
      const lock = tryLockFile(draft, "open");
      assert(lock !== null, "nobody else locks a directory that is new");
      this.#lock = lock;
      writeFileSync(join(draft, MARKER_NAME), `${process.pid}\n`);
      this.path = join(parent, basename(draft).slice(1));
      renameSync(draft, this.path);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new RuntimeDirectoryError(`Cannot make a directory for sockets in ${parent}: ${reason}`, { cause: error });
    }
  }

  /**
   * Makes the folder of the front with this number.
   *
   * @param isPassable whether other users may pass through to sockets of their own, from now on.
   */
  addFront(generation: number, { isPassable = false }: { readonly isPassable?: boolean } = {}): string {
    const path = join(this.path, `front-${generation}`);
    mkdirSync(path, { mode: 0o700 });
    if (isPassable) for (const directory of [this.path, path]) chmodSync(directory, 0o711);
    return path;
  }

  /** Removes a front's folder with the sockets a killed front left in it. */
  removeFront(path: string): void {
    removeDirectory(path);
  }

  /** Removes everything; the last act of an instance. */
  [Symbol.dispose](): void {
    removeDirectory(this.path);
    this.#lock[Symbol.dispose]();
  }
}

/** Removes a directory of sockets as far as that is possible: what stays is swept up by the next start, and no reason to fail a stop. */
export function removeDirectory(path: string): void {
  try {
    rmSync(path, { recursive: true, force: true });
  } catch {
    // A process that is about to end has made a file in it meanwhile.
  }
}

/** Removes what instances of this user that were killed left in `parent`. */
export function sweepRuntimeParent(parent: string, log: Logger): void {
  for (const name of readdirSync(parent)) {
    if (!INSTANCE_PATTERN.test(name)) continue;
    const path = join(parent, name);
    try {
      const stats = lstatSync(path);
      if (!stats.isDirectory() || stats.uid !== process.getuid!() || !existsSync(join(path, MARKER_NAME))) continue;
      using lock = tryLockFile(path, "open");
      if (lock === null) continue;
      rmSync(path, { recursive: true, force: true });
      log.info("abandoned runtime directory removed", { path });
    } catch (error) {
      // Another instance may be sweeping, too; what stays is found next time.
      log.debug("runtime directory not swept", { path, error: error as Error });
    }
  }
}
