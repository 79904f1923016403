import { relative } from "node:path";

import type { FSWatcher } from "chokidar";
import type { Logger } from "../../telemetry/logger.ts";
import { isIgnoredPath } from "./ignored-path.ts";

/** What is watched. All paths are absolute. */
export interface FileWatchOptions {
  /** Folders, and files, which are never ignored. */
  readonly paths: readonly string[];
  /** Folders and files in them that are. */
  readonly except: readonly string[];
  readonly onChange: (path: string) => void;
  readonly log: Logger;
}

/** What bounds the watches of a user, by the error that says so: its own text speaks of a disk or of open files. */
const LIMITS: ReadonlyMap<string | undefined, string> = new Map([
  ["ENOSPC", "fs.inotify.max_user_watches"],
  ["EMFILE", "fs.inotify.max_user_instances"],
]);

/**
 * Watches folders and files, whatever happens to them: they are deleted and made anew, files are replaced by a rename, links are followed.
 * What is ignored below a folder costs nothing: it is not looked into.
 */
export class FileWatch implements AsyncDisposable {
  /** Resolves when every change from then on is seen. */
  readonly ready: Promise<void>;
  readonly #watcher: FSWatcher;

  constructor(watcher: FSWatcher, onChange: (path: string) => void, log: Logger) {
    this.#watcher = watcher;
    this.ready = new Promise((resolve) => {
      watcher.on("ready", resolve);
    });
    watcher.on("all", (event, path) => {
      // A folder alone is no code; what comes with it has an event of its own.
      if (event === "add" || event === "change" || event === "unlink") onChange(path);
    });
    watcher.on("error", reportTo(log));
  }

  static async start({ paths, except, onChange, log }: FileWatchOptions): Promise<FileWatch> {
    // Loaded here, so that only `vilya dev` needs it.
    const { watch } = await import("chokidar");
    const watcher = watch([...paths], {
      ignoreInitial: true,
      ignored: (path) => except.some((own) => isAtOrBelow(own, path)) || isIgnoredBelow(paths, path),
      ignorePermissionErrors: true,
    });
    return new FileWatch(watcher, onChange, log);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.close();
  }
}

/** One line for all the files that are too many: there may be thousands. */
function reportTo(log: Logger): (error: unknown) => void {
  const told = new Set<string>();
  return (error) => {
    const { code, path } = error as NodeJS.ErrnoException;
    const limit = LIMITS.get(code);
    if (limit === undefined) return log.warn("files are not watched as they should", { error: error as Error });
    if (told.has(limit)) return;
    told.add(limit);
    log.warn("some files are not watched, there are more than this user may watch", { limit, first: path ?? null });
  };
}

function isAtOrBelow(folder: string, path: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}

/** Where folders lie in each other, what one of them wants is watched. */
function isIgnoredBelow(folders: readonly string[], path: string): boolean {
  let isBelow = false;
  for (const folder of folders) {
    const inside = relative(folder, path);
    if (inside === "") return false;
    if (inside.startsWith("..")) continue;
    isBelow = true;
    if (!isIgnoredPath(inside)) return false;
  }
  return isBelow;
}
