import type { Logger } from "../../telemetry/logger.ts";
import type { FrontGroup } from "../master/front-group.ts";
import type { Reloader } from "../master/reloader.ts";
import { Developer } from "./developer.ts";

/** Has what changes on disk serve by what reloads, and pages in browsers follow by the fronts that serve. */
export function createDeveloper(fronts: FrontGroup, reloader: Reloader, log: Logger): Developer {
  return new Developer({
    currentConfig: () => reloader.config,
    reload: (app) => reloader.reload(app),
    refresh: (problem) => fronts.refreshPages(problem),
    log,
  });
}
