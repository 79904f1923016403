import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** A user, and all groups of theirs. */
export interface Accessor {
  readonly userId: number;
  readonly groupIds: readonly number[];
}

const SEARCH = 0o1;

/**
 * The directory on the way to what is in `path`, that itself included, which a user may not pass through; null when the way is open. Links are
 * followed. The permission bits decide: what access lists or a sandbox say beyond them is not looked at.
 *
 * @throws the system's error when `path` is not there.
 */
export function findClosedDirectory(path: string, { userId, groupIds }: Accessor): string | null {
  if (userId === 0) return null;
  for (let directory = realpathSync(path); ; directory = dirname(directory)) {
    const { uid, gid, mode } = statSync(directory);
    const shift = uid === userId ? 6 : groupIds.includes(gid) ? 3 : 0;
    if (((mode >> shift) & SEARCH) === 0) return directory;
    if (directory === dirname(directory)) return null;
  }
}
