import type { Logger } from "../../telemetry/logger.ts";
import type { FrontSupervisor } from "../front-supervisor.ts";
import type { Reloader } from "../reloader.ts";
import { Developer } from "./developer.ts";

/** Has what changes on disk serve by what reloads, and pages in browsers follow by the front that serves. */
export function createDeveloper(supervisor: FrontSupervisor, reloader: Reloader, log: Logger): Developer {
  return new Developer({
    currentConfig: () => reloader.config,
    reload: (app) => reloader.reload(app),
    refresh: (problem) => supervisor.refreshPages(problem),
    log,
  });
}
