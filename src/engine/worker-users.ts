import { VilyaError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { WorkerIdentity } from "../config/worker-identity.ts";
import { findClosedDirectory } from "../kernel/path-access.ts";

/** Workers could not reach what is made for them, because they are another user. */
export class WorkerUserError extends VilyaError {
  override readonly code = "VILYA_WORKER_USER_SHUT_OUT";
}

/** The users, beside the engine's, that workers of a configuration run as. */
export function workerUsersOf({ apps }: Pick<Config, "apps">): readonly WorkerIdentity[] {
  return apps.map(({ pool }) => pool.identity).filter((identity) => identity !== null);
}

/** Why a directory will not do for what `users` have to get to, or null. */
export function refusalFor(path: string, users: readonly WorkerIdentity[]): string | null {
  for (const user of users) {
    const closed = findClosedDirectory(path, user);
    if (closed === null) continue;
    const name = user.userName ?? user.userId;
    return `workers run as user ${name}, who may not pass through ${closed}, one open to that user (chmod o+x) is allowed`;
  }
  return null;
}

/**
 * Sees to it that what is made in a directory can be reached.
 *
 * @param option what sets the directory.
 * @throws {WorkerUserError}
 */
export function assertReachable(path: string, users: readonly WorkerIdentity[], option: string): void {
  const refusal = refusalFor(path, users);
  if (refusal !== null) throw new WorkerUserError(`Cannot use ${option} ${path}: ${refusal}`);
}

/**
 * A configuration that is about to be applied, whose workers can get to the runtime directory.
 *
 * @throws {WorkerUserError}
 */
export function checkReach<Loaded extends { readonly config: Config }>(loaded: Loaded, runtimeParent: string): Loaded {
  assertReachable(runtimeParent, workerUsersOf(loaded.config), "runtime_dir");
  return loaded;
}
