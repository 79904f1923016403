import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import { OPTIONS } from "../../config/options/option-index.ts";
import type { Settings } from "../../config/settings.ts";
import type { PoolSize } from "../../workers/scaling/scaler.ts";

/**
 * What it takes to go from one configuration to another: new workers at most, a word to those that serve, or another front.
 *
 * In place go `logging.level` and the numbers of workers.
 */
export type ConfigDifference = "workers" | "in-place" | "new-front";

/** Compares what serves with what shall. */
export function compareConfigs(old: Config, next: Config): ConfigDifference {
  if (Bun.deepEquals(old, next)) return "workers";
  return Bun.deepEquals(withoutMovables(old), withoutMovables(next)) ? "in-place" : "new-front";
}

/** How many workers each app shall have. */
export type PoolSizes = Readonly<Record<string, PoolSize>>;

/** The numbers of workers of every app. */
export function poolSizesOf({ apps }: Config): PoolSizes {
  return Object.fromEntries(
    apps.map(({ name, pool: { workerCount, workerCountMin, workerCountMax } }) => [
      name,
      { workerCount, workerCountMin, workerCountMax },
    ]),
  );
}

/** The configuration with another number of workers for one app. */
export function withPoolSize(config: Config, app: string, size: PoolSize): Config {
  const apps = config.apps.map((each) => (each.name === app ? resized(each, size) : each));
  return { ...config, apps };
}

/** The keys that only a start applies: the master cannot move house while it runs. */
export function isFixed(key: string): boolean {
  return OPTIONS.get(key)?.replaces === "instance";
}

/** The configuration as far as it can be applied by somebody who is not started anew. */
export function keepWhatIsFixed(config: Config, { name, runtimeDirectory, admin }: Config): Config {
  return { ...config, name, runtimeDirectory, admin };
}

/**
 * Every key that somebody has given another value: against what serves, and the fixed ones against what the master was started with. Defaults
 * that follow from other keys are left out.
 */
export function changedKeys(next: Settings, serving: Settings, started: Settings): readonly string[] {
  const isGiven = (key: string): boolean =>
    [next, serving, started].some((settings) => settings.origin(key).kind !== "default");
  const movable = next.keysThatDiffer(serving).filter((key) => !isFixed(key));
  const fixed = next.keysThatDiffer(started).filter(isFixed);
  return [...movable, ...fixed].filter(isGiven).toSorted();
}

function withoutMovables(config: Config): Config {
  const size: PoolSize = { workerCount: 1, workerCountMin: 1, workerCountMax: 1 };
  const apps = config.apps.map((app) => resized(app, size));
  return { ...config, logging: { ...config.logging, level: "info" }, apps };
}

function resized(app: AppConfig, size: PoolSize): AppConfig {
  return { ...app, pool: { ...app.pool, ...size } };
}
