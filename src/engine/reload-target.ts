import type { LogLevel } from "../base/log-level.ts";
import type { FrontFactory } from "./front-factory.ts";
import type { FrontSupervisor } from "./front-supervisor.ts";
import type { ReloadTarget } from "./reloader.ts";

/** What a reload changes: the fronts of a supervisor, made by a factory. */
export function createReloadTarget(
  supervisor: FrontSupervisor,
  factory: FrontFactory,
  setLogLevel: (level: LogLevel) => void,
): ReloadTarget {
  return {
    replaceFront: (next) => supervisor.replace(factory.replacement(next)),
    adopt: (next) => supervisor.adopt(factory.replacement(next)),
    reloadWorkers: (app) => supervisor.reloadWorkers(app),
    resize: (sizes) => supervisor.resizePools(sizes),
    setLogLevel,
  };
}
