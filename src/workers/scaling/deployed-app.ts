import { existsSync, realpathSync } from "node:fs";
import { basename, dirname, isAbsolute, join } from "node:path";

import type { AppConfig } from "../../config/app-config.ts";

/**
 * An app where it lies now. Symbolic links on the way to it are followed once, so that all workers of a generation run the same code: a
 * deployment that switches a link is seen by the next generation, and not by the replacement of a worker that has crashed.
 *
 * Invariant: `app` names what was found first for as long as it is there; when that has been removed, what the links point to by then.
 */
export class DeployedApp {
  readonly #configured: AppConfig;
  #app: AppConfig;

  constructor(app: AppConfig) {
    this.#configured = app;
    this.#app = followLinks(app);
  }

  /** The app with the places that workers are started with. Looks at the disk. */
  get app(): AppConfig {
    const { entry, workingDirectory } = this.#app;
    const isThere = existsSync(workingDirectory) && (!isAbsolute(entry) || existsSync(entry));
    if (!isThere) this.#app = followLinks(this.#configured);
    return this.#app;
  }
}

/** Programs are left as they are: interpreters tell by the link they were called by which environment they belong to. */
function followLinks(app: AppConfig): AppConfig {
  const { entry, workingDirectory } = app;
  return {
    ...app,
    workingDirectory: realPath(workingDirectory),
    entry: isAbsolute(entry) ? join(realPath(dirname(entry)), basename(entry)) : entry,
  };
}

/** A path that leads nowhere stays: whoever uses it says so. */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
