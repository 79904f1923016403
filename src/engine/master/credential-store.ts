import type { ListenerConfig } from "../../config/server-config.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { type ListenerCredentials, readListenerCredentials, TlsFilesError } from "../listeners/tls-files.ts";

/** Who shows the certificates: a front. */
export interface CredentialUser {
  replaceCredentials(credentials: readonly ListenerCredentials[]): void;
}

/**
 * The certificates of all listeners as the master holds them: read once at the start, and again when it is told to. What does not load is
 * refused as a whole and what was there stays, so that neither a reload nor a front that is replaced meanwhile depends on half-written files.
 */
export class CredentialStore {
  readonly #listeners: readonly ListenerConfig[];
  readonly #log: Logger;
  #current: readonly ListenerCredentials[];
  readonly #users = new Set<CredentialUser>();

  /** @throws {TlsFilesError} when there is nothing to begin with. */
  constructor(listeners: readonly ListenerConfig[], log: Logger) {
    this.#listeners = listeners;
    this.#log = log;
    this.#current = readListenerCredentials(listeners);
  }

  get current(): readonly ListenerCredentials[] {
    return this.#current;
  }

  /** Reloads are told to this front as well, which was started with `current`. @returns how to end that. */
  serves(user: CredentialUser): () => void {
    this.#users.add(user);
    return () => void this.#users.delete(user);
  }

  /** Reads the files again; returns whether that is what is shown now. No connection is dropped. */
  reload(): boolean {
    try {
      this.#current = readListenerCredentials(this.#listeners);
    } catch (error) {
      if (!(error instanceof TlsFilesError)) throw error;
      this.#log.error("certificates not reloaded, the old ones stay", { error });
      return false;
    }
    for (const user of this.#users) user.replaceCredentials(this.#current);
    const listenerCount = this.#current.filter((each) => each !== null).length;
    if (listenerCount > 0) this.#log.info("certificates reloaded", { listenerCount });
    return true;
  }
}
