import { chmodSync, chownSync, mkdirSync, renameSync } from "node:fs";
import { basename, join } from "node:path";
import type { WorkerIdentity } from "../../config/worker-identity.ts";

/**
 * Hands the files of request bodies to workers that are another user than the engine, who can then read, change and move them as they could
 * their own.
 *
 * Invariant: a file is the user's before it is where that user may look, and nobody else gets there.
 */
export class BodyOwner {
  readonly #identity: WorkerIdentity;
  readonly #directory: string;

  /**
   * @param parent where bodies are; this user's alone, and open for others to pass through.
   * @throws the system's error when there can be no directory for that user.
   */
  constructor(parent: string, identity: WorkerIdentity) {
    this.#identity = identity;
    this.#directory = join(parent, String(identity.userId));
    // Two apps may have the same user.
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    chmodSync(this.#directory, 0o700);
    chownSync(this.#directory, identity.userId, identity.groupId);
  }

  /**
   * Gives a file away; returns where it is now.
   *
   * @throws the system's error; then the file is where it was.
   */
  give(path: string): string {
    chownSync(path, this.#identity.userId, this.#identity.groupId);
    const given = join(this.#directory, basename(path));
    renameSync(path, given);
    return given;
  }
}
