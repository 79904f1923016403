import { accessSync, constants, mkdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { isAbsolute } from "node:path";
import { ConfigError } from "../../base/errors.ts";
import type { WorkerIdentity } from "../../config/worker-identity.ts";
import { refusalFor } from "../worker-users.ts";

/** Where root's instances live; others may have been given it (systemd's `RuntimeDirectory=vilya`). */
export const SYSTEM_PARENT = "/run/vilya";

const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;

/** Sockets cannot be kept safely, or at all, where the configuration wants them. */
export class RuntimeDirectoryError extends ConfigError {
  override readonly code = "VILYA_RUNTIME_DIRECTORY";
}

/** Where an instance may make its directory. */
export interface RuntimePlaces {
  /** `runtime_dir`; made where it is missing, and no other place is looked at. */
  readonly configured: string | null;
  /** `XDG_RUNTIME_DIR`, by which a session says where its user's sockets belong. */
  readonly session: string | undefined;
  /** Who else has to get to sockets there. */
  readonly users?: readonly WorkerIdentity[];
}

/**
 * Finds the directory in which an instance makes its own: the configured one, or the first of the session's, `/run/vilya` and the directory
 * for temporary files that will do. Links in the way to it are resolved.
 *
 * Whoever may write to it could put another directory in the place of ours, so only this user and root may, unless it is sticky.
 *
 * @throws {RuntimeDirectoryError} when `configured` will not do, or nothing does.
 */
export function findRuntimeParent({ configured, session, users = [] }: RuntimePlaces): string {
  if (configured !== null) {
    const refusal = refusalOf(configured, "create", users);
    if (refusal !== null) throw new RuntimeDirectoryError(`Cannot use runtime_dir ${configured}: ${refusal}`);
    return realpathSync(configured);
  }
  const isRoot = process.getuid!() === 0;
  const candidates = [...(session === undefined || session === "" ? [] : [session]), SYSTEM_PARENT, tmpdir()];
  const found = candidates.find(
    (path) => isAbsolute(path) && refusalOf(path, isRoot && path === SYSTEM_PARENT ? "create" : "find", users) === null,
  );
  if (found !== undefined) return realpathSync(found);
  throw new RuntimeDirectoryError(
    `Cannot find a place for sockets: none of ${candidates.join(", ")} is safe and writable, set runtime_dir to one that is`,
  );
}

/** Why `path` will not do, or null. */
function refusalOf(path: string, ifMissing: "create" | "find", users: readonly WorkerIdentity[]): string | null {
  let stats: Stats;
  try {
    if (ifMissing === "create") mkdirSync(path, { recursive: true, mode: 0o755 });
    stats = statSync(path);
    accessSync(path, constants.W_OK | constants.X_OK);
  } catch (error) {
    return `${(error as NodeJS.ErrnoException).code}, a directory this user may write to is allowed`;
  }
  if (!stats.isDirectory()) return "it is not a directory, one that this user may write to is allowed";
  if (stats.uid !== 0 && stats.uid !== process.getuid!()) {
    return `it belongs to user ${stats.uid}, a directory of this user or of root is allowed`;
  }
  if ((stats.mode & WRITABLE_BY_OTHERS) !== 0 && (stats.mode & STICKY) === 0) {
    return "other users may write to it, a directory that only its owner writes to, or a sticky one, is allowed";
  }
  return refusalFor(path, users);
}
