import type { AppReload, KeyChange, ReloadReport, ReportedProblem } from "../../admin/reload-report.ts";
import { VilyaError } from "../../base/errors.ts";
import type { LogLevel } from "../../base/log-level.ts";
import type { Config } from "../../config/config.ts";
import type { LoadedConfig } from "../../config/load-config.ts";
import { renderOrigin } from "../../config/origin.ts";
import { ConfigProblemsError } from "../../config/problem.ts";
import type { Settings } from "../../config/settings.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { PoolSize } from "../../workers/scaling/scaler.ts";
import {
  changedKeys,
  compareConfigs,
  type ConfigDifference,
  isFixed,
  keepWhatIsFixed,
  type PoolSizes,
  poolSizesOf,
  withPoolSize,
} from "./config-difference.ts";
import { CredentialStore } from "./credential-store.ts";
import { type OpenListeners, openListeners } from "../listeners/open-listeners.ts";
import { FrontReplacementError } from "./supervised-front.ts";

/** What a front is made from: a configuration, the sockets it asks for, and their certificates. */
export interface Blueprint extends LoadedConfig {
  readonly listeners: OpenListeners;
  readonly credentials: CredentialStore;
}

/** Those that serve, as far as a reload has to do with them. */
export interface ReloadTarget {
  /** Has fronts of this blueprint take over. @throws {FrontReplacementError} when the old ones stay. */
  replaceFronts(blueprint: Blueprint): Promise<void>;
  /** What fronts are made from, should the one that serves die. */
  adopt(blueprint: Blueprint): void;
  /** Has a new generation of workers serve each app, or one; null when the front died meanwhile. */
  reloadWorkers(app: string | null): Promise<readonly AppReload[] | null>;
  resize(sizes: PoolSizes): void;
  setLogLevel(level: LogLevel): void;
}

export interface ReloaderOptions {
  /** What serves now. */
  readonly blueprint: Blueprint;
  /** The instance's: it has what the front has that serves. */
  readonly listeners: OpenListeners;
  /** Reads the configuration as it was read at the start. @throws {ConfigProblemsError} */
  readonly load: () => LoadedConfig;
  readonly target: ReloadTarget;
  /** Whether a stop is under way, which ends a reload: then nobody has to act on that. */
  readonly isStopping: () => boolean;
  /** Called when a reload begins, and when it is over, however that went. */
  readonly onBegin: () => void;
  readonly onEnd: () => void;
  readonly log: Logger;
}

type Outcome = Omit<ReloadReport, "durationMs">;

const NOTHING_REFUSED = { reason: null, problems: [] } as const;

/**
 * Applies what has changed on disk while the engine serves. Nothing that is broken is applied: the configuration is read and checked, new
 * addresses are bound, certificates loaded, and a new front or new workers made ready, before anything of the old ones ends.
 *
 * Invariant: one change at a time; a reload that is asked for meanwhile follows, and several that mean the same become one.
 */
export class Reloader {
  readonly #options: ReloaderOptions;
  readonly #started: Settings;
  #blueprint: Blueprint;
  #last: Promise<unknown> = Promise.resolve();
  /** Reloads that have not begun, by what they are of. */
  readonly #waiting = new Map<string | null, Promise<ReloadReport>>();

  constructor(options: ReloaderOptions) {
    this.#options = options;
    this.#blueprint = options.blueprint;
    this.#started = options.blueprint.settings;
  }

  /** What serves. */
  get config(): Config {
    return this.#blueprint.config;
  }

  /** The names of the apps that have workers. */
  get apps(): readonly string[] {
    return this.#blueprint.config.apps.filter(({ runtime }) => runtime !== "stub").map(({ name }) => name);
  }

  /**
   * Has new code serve: of one app, or, with the configuration and the certificates, of all. Never rejects for what is wrong with the files.
   */
  reload(app: string | null = null): Promise<ReloadReport> {
    const waiting = this.#waiting.get(app);
    if (waiting !== undefined) return waiting;
    const reload = this.inTurn(() => {
      this.#waiting.delete(app);
      return this.#reload(app);
    });
    this.#waiting.set(app, reload);
    return reload;
  }

  /**
   * Gives an app `count` workers, until the next start, or a reload of the configuration. A pool that scales moves its bounds where `count` is
   * beyond them; one that does not stays at `count`.
   */
  scale(app: string, count: number): Promise<PoolSize> {
    return this.inTurn(async () => {
      const { workerCountMin, workerCountMax } = poolSizesOf(this.#blueprint.config)[app]!;
      const isElastic = workerCountMin < workerCountMax;
      const size: PoolSize = {
        workerCount: count,
        workerCountMin: isElastic ? Math.min(workerCountMin, count) : count,
        workerCountMax: isElastic ? Math.max(workerCountMax, count) : count,
      };
      this.#adopt({ ...this.#blueprint, config: withPoolSize(this.#blueprint.config, app, size) });
      this.#options.target.resize({ [app]: size });
      this.#options.log.info("scaled", { app, ...size });
      return size;
    });
  }

  /** Makes a change of another kind when no other one is under way. */
  inTurn<Result>(change: () => Promise<Result>): Promise<Result> {
    const done = this.#last.then(change);
    this.#last = done.catch(() => {});
    return done;
  }

  async #reload(app: string | null): Promise<ReloadReport> {
    const { onBegin, onEnd, log } = this.#options;
    const startedMs = performance.now();
    onBegin();
    const outcome = await (app === null ? this.#reloadAll() : this.#reloadWorkers(app, "workers", [])).finally(onEnd);
    const { kind, reason, changes } = outcome;
    const durationMs = Math.round(performance.now() - startedMs);
    const changedKeys = changes.map(({ key }) => key);
    if (kind !== "refused") log.info("reloaded", { kind, app, changedKeys, durationMs });
    else if (this.#options.isStopping()) log.info("not reloaded, a stop came first", { app, reason, durationMs });
    else log.error("not reloaded, everything stays as it is", { app, reason, changedKeys, durationMs });
    return { ...outcome, durationMs };
  }

  async #reloadAll(): Promise<Outcome> {
    let changes: readonly KeyChange[] = [];
    try {
      const loaded = this.#options.load();
      const old = this.#blueprint;
      const config = keepWhatIsFixed(loaded.config, old.config);
      const difference = compareConfigs(old.config, config);
      const keys = changedKeys(loaded.settings, old.settings, this.#started);
      changes = keys.map((key) => ({ key, applied: isFixed(key) ? "restart" : appliedBy(difference) }));
      if (difference === "new-front") return await this.#replaceFront({ ...loaded, config }, changes);
      if (!old.credentials.reload()) {
        return refused(
          "Cannot reload the certificates: one does not load, the log says which; the old ones stay",
          changes,
        );
      }
      this.#applyInPlace({ ...old, ...loaded, config });
      return await this.#reloadWorkers(null, difference, changes);
    } catch (error) {
      if (!(error instanceof VilyaError)) throw error;
      const problems = error instanceof ConfigProblemsError ? this.#report(error) : [];
      const apps = error instanceof FrontReplacementError ? error.apps : [];
      return { ...refused(error.message, changes), problems, apps };
    }
  }

  async #replaceFront(loaded: LoadedConfig, changes: readonly KeyChange[]): Promise<Outcome> {
    const { target, log } = this.#options;
    const { server } = loaded.config;
    const listeners = await openListeners(loaded.config, loaded.settings, this.#options.listeners);
    try {
      const blueprint: Blueprint = { ...loaded, listeners, credentials: new CredentialStore(server.listeners, log) };
      await target.replaceFronts(blueprint);
      this.#blueprint = blueprint;
    } catch (error) {
      listeners.closeAllBut(this.#options.listeners);
      throw error;
    }
    this.#options.listeners.become(listeners);
    const apps = this.apps.map((app) => ({ app, failure: null }));
    return { ...NOTHING_REFUSED, kind: "new-front", changes, apps };
  }

  #applyInPlace(blueprint: Blueprint): void {
    const { target } = this.#options;
    const { config } = blueprint;
    const { level } = this.#blueprint.config.logging;
    this.#adopt(blueprint);
    if (config.logging.level !== level) target.setLogLevel(config.logging.level);
    target.resize(poolSizesOf(config));
  }

  async #reloadWorkers(
    app: string | null,
    kind: Exclude<ConfigDifference, "new-front">,
    changes: readonly KeyChange[],
  ): Promise<Outcome> {
    const apps = await this.#options.target.reloadWorkers(app);
    if (apps === null) {
      return {
        ...refused("Cannot reload the workers: their front has died, the next one runs what is there", []),
        changes,
      };
    }
    const failed = apps.find(({ failure }) => failure !== null);
    if (failed === undefined) return { ...NOTHING_REFUSED, kind, changes, apps };
    const reason = `Cannot reload app ${failed.app}: ${failed.failure?.reason}; its old workers stay`;
    return { kind: "refused", reason, problems: [], changes, apps };
  }

  #adopt(blueprint: Blueprint): void {
    this.#blueprint = blueprint;
    this.#options.target.adopt(blueprint);
  }

  #report({ problems }: ConfigProblemsError): readonly ReportedProblem[] {
    const reported = problems.map(({ message, origins }) => ({ problem: message, at: origins.map(renderOrigin) }));
    for (const { problem, at } of reported) {
      this.#options.log.error("configuration refused", { problem, at: at.join(", ") });
    }
    return reported;
  }
}

/** Nothing has been applied. */
function refused(reason: string, changes: readonly KeyChange[]): Outcome {
  return {
    kind: "refused",
    reason,
    problems: [],
    changes: changes.map(({ key }) => ({ key, applied: isFixed(key) ? "restart" : "refused" })),
    apps: [],
  };
}

function appliedBy(difference: ConfigDifference): KeyChange["applied"] {
  return difference === "new-front" ? "new-front" : "in-place";
}
