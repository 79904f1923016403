import { chmodSync, chownSync } from "node:fs";
import type { WorkerIdentity } from "../../config/worker-identity.ts";
import { parentDeathWrapper } from "./parent-death.ts";
import { WorkerStartError } from "./worker-start-error.ts";

/**
 * What it takes for workers to be another user than the engine: to be started as that user, and to reach what is made for them. Where they
 * are the same it does nothing.
 *
 * Invariant: what it gives away is open to that user and nobody else. A directory can at most be passed through or listed.
 */
export class WorkerAccess {
  readonly #identity: WorkerIdentity | null;

  constructor(identity: WorkerIdentity | null) {
    this.#identity = identity;
  }

  /** Where its user is at home, in the place of where the engine's is. */
  get environment(): Readonly<Record<string, string>> {
    if (this.#identity === null) return {};
    const { userName, homeDirectory } = this.#identity;
    const name = userName ?? String(this.#identity.userId);
    return { HOME: homeDirectory ?? "/", USER: name, LOGNAME: name };
  }

  /**
   * The words before a command that run it as that user with its groups and without capabilities, so that it dies with the engine.
   *
   * @throws {WorkerStartError} where there is no program that can change the user.
   */
  wrapper(): readonly string[] {
    const [program, ...words] = parentDeathWrapper();
    if (this.#identity === null) return program === undefined ? [] : [program, ...words];
    const { userId, groupId, groupIds } = this.#identity;
    if (program === undefined) {
      const message = `Cannot start a worker as user ${userId}: there is no setpriv, that of util-linux is needed`;
      throw new WorkerStartError("VILYA_WORKER_USER_UNUSABLE", message);
    }
    const identity = [`--reuid=${userId}`, `--regid=${groupId}`, `--groups=${groupIds.join(",")}`, "--inh-caps=-all"];
    return [program, ...identity, ...words];
  }

  /** Makes a file, socket or directory its user's. */
  give(path: string): void {
    if (this.#identity !== null) chownSync(path, this.#identity.userId, this.#identity.groupId);
  }

  /** Has its user, and with that everybody, list a directory: what is in it has owners of its own. */
  showDirectory(path: string): void {
    if (this.#identity !== null) chmodSync(path, 0o755);
  }
}
