import type { LogLevel } from "../../base/log-level.ts";
import type { FrontFactory } from "./front-factory.ts";
import type { FrontGroup } from "./front-group.ts";
import type { ReloadTarget } from "./reloader.ts";

/** What a reload changes: the fronts, made by a factory. */
export function createReloadTarget(
  fronts: FrontGroup,
  factory: FrontFactory,
  setLogLevel: (level: LogLevel) => void,
): ReloadTarget {
  return {
    replaceFronts: (next) => fronts.replace(factory.kindOf(next)),
    adopt: (next) => fronts.adopt(factory.kindOf(next)),
    reloadWorkers: (app) => fronts.reloadWorkers(app),
    resize: (sizes) => fronts.resizePools(sizes),
    setLogLevel,
  };
}
