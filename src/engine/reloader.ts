import { VilyaError } from "../base/errors.ts";
import type { Config } from "../config/config.ts";
import type { LoadedConfig } from "../config/load-config.ts";
import { renderOrigin } from "../config/origin.ts";
import { ConfigProblemsError } from "../config/problem.ts";
import type { Logger } from "../telemetry/logger.ts";
import { CredentialStore } from "./credential-store.ts";
import { type OpenListeners, openListeners } from "./open-listeners.ts";

/** What a front is made from: a configuration, the sockets it asks for, and their certificates. */
export interface Blueprint extends LoadedConfig {
  readonly listeners: OpenListeners;
  readonly credentials: CredentialStore;
}

export interface ReloaderOptions {
  /** What serves now. */
  readonly blueprint: Blueprint;
  /** The instance's: it has what the front has that serves. */
  readonly listeners: OpenListeners;
  /** Reads the configuration as it was read at the start. @throws {ConfigProblemsError} */
  readonly load: () => LoadedConfig;
  /** Has a front of this blueprint take over. @throws {FrontReplacementError} when the old one stays. */
  readonly replaceFront: (blueprint: Blueprint) => Promise<void>;
  /** Replaces the workers of the front that serves, some at a time. */
  readonly recycleWorkers: () => void;
  readonly log: Logger;
}

/** What a reload did. */
export type ReloadOutcome =
  /** The configuration is the old one: certificates were read again, and the workers are being replaced, so that they run new code. */
  | { readonly kind: "recycled" }
  /** A new front serves; `changedKeys` made the difference. */
  | { readonly kind: "replaced"; readonly changedKeys: readonly string[] }
  /** Everything is as it was, and why. */
  | { readonly kind: "refused"; readonly reason: string };

/**
 * Applies what has changed on disk while the engine serves. Nothing that is broken is applied: the configuration is read and checked, new
 * addresses are bound, certificates loaded and a new front made ready, before anything of the old one ends.
 *
 * Invariant: one reload at a time; one that is asked for meanwhile follows, and several become one.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  #blueprint: Blueprint;
  #running: Promise<ReloadOutcome> | null = null;
  #next: Promise<ReloadOutcome> | null = null;

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#blueprint = options.blueprint;
  }

  /** Never rejects for what is wrong with the files. */
  reload(): Promise<ReloadOutcome> {
    if (this.#running !== null) return (this.#next ??= this.#running.then(() => this.#start()));
    return this.#start();
  }

  #start(): Promise<ReloadOutcome> {
    this.#next = null;
    this.#running = this.#reload().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #reload(): Promise<ReloadOutcome> {
    const { log } = this.#options;
    const startedMs = performance.now();
    try {
      const outcome = await this.#apply();
      log.info("reloaded", { ...outcome, durationMs: Math.round(performance.now() - startedMs) });
      return outcome;
    } catch (error) {
      if (!(error instanceof VilyaError)) throw error;
      if (error instanceof ConfigProblemsError) this.#reportProblems(error);
      log.error("not reloaded, everything stays as it is", { error });
      return { kind: "refused", reason: error.message };
    }
  }

  async #apply(): Promise<ReloadOutcome> {
    const { load, replaceFront, recycleWorkers, log } = this.#options;
    const old = this.#blueprint;
    const loaded = load();
    const changedKeys = loaded.settings.keysThatDiffer(old.settings);
    const config = keepWhatIsFixed(loaded.config, old.config, log);
    if (Bun.deepEquals(config, old.config)) {
      old.credentials.reload();
      recycleWorkers();
      return { kind: "recycled" };
    }
    const listeners = await openListeners(config.server, loaded.settings, this.#options.listeners);
    try {
      const credentials = new CredentialStore(config.server.listeners, log);
      const blueprint: Blueprint = { ...loaded, config, listeners, credentials };
      await replaceFront(blueprint);
      this.#blueprint = blueprint;
    } catch (error) {
      listeners.closeAllBut(this.#options.listeners);
      throw error;
    }
    this.#options.listeners.become(listeners);
    return { kind: "replaced", changedKeys };
  }

  #reportProblems({ problems }: ConfigProblemsError): void {
    for (const { message, origins } of problems) {
      this.#options.log.error("configuration refused", { problem: message, at: origins.map(renderOrigin).join(", ") });
    }
  }
}

/** The master cannot move house while it runs. */
function keepWhatIsFixed(config: Config, { name, runtimeDirectory, admin }: Config, log: Logger): Config {
  const isSame = config.name === name && config.runtimeDirectory === runtimeDirectory;
  if (!isSame || !Bun.deepEquals(config.admin, admin)) {
    log.warn("name, runtime_dir and admin stay as they were", { reason: "a restart applies them" });
  }
  return { ...config, name, runtimeDirectory, admin };
}
