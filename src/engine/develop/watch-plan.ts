import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";

import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import { isIgnoredPath, isSourcePath } from "./ignored-path.ts";

/** A folder whose files belong to an app, or (`null`) to everybody. */
export interface WatchedFolder {
  readonly path: string;
  readonly app: string | null;
}

/** What has to be done about changes. */
export interface Concern {
  /** The configuration is another one. */
  readonly isConfig: boolean;
  /** Apps whose workers run old code. */
  readonly apps: readonly string[];
  /** Files that are served as they are: pages show old ones. */
  readonly isPage: boolean;
}

/** What tells the folder of an app: packages are listed there. */
const MANIFESTS: Readonly<Record<string, readonly string[]>> = {
  php: ["composer.json"],
  bun: ["package.json"],
  node: ["package.json"],
  python: ["pyproject.toml", "requirements.txt", "manage.py"],
};

/** The folders of a configuration. An app's is the nearest one above its entry that lists packages, else the entry's own; never above its `cwd`. */
export function planWatch({ apps, routes }: Config): readonly WatchedFolder[] {
  const folders = apps
    .filter(({ runtime }) => runtime !== "stub")
    .map((app) => ({ path: folderOf(app), app: app.name }));
  const roots = [
    ...apps.flatMap((app) => (app.static === null ? [] : [app.static.root])),
    ...routes.flatMap(({ action }) => (action.kind === "static" ? [action.files.root] : [])),
  ];
  return [...folders, ...[...new Set(roots)].map((path) => ({ path, app: null }))];
}

/** What the engine itself writes: its runtime directory, bodies of requests, access logs. None of it is anybody's code. */
export function ownPathsOf({ runtimeDirectory, server, logging }: Config): readonly string[] {
  const logs = logging.accessLogs.map(({ file }) => file);
  return [runtimeDirectory, server.bodyDirectory, ...logs].filter((path) => path !== null);
}

/** Who is concerned by changes at `paths`, all absolute. A file is for the deepest folder that it is in, and for all of them that are the same. */
export function concernOf(
  folders: readonly WatchedFolder[],
  configFile: string | null,
  paths: Iterable<string>,
): Concern {
  const apps = new Set<string>();
  let isConfig = false;
  let isPage = false;
  for (const path of paths) {
    if (path === configFile) {
      isConfig = true;
      continue;
    }
    const around = folders.filter((folder) => isInside(folder.path, path));
    const depth = Math.max(0, ...around.map((folder) => folder.path.length));
    for (const { app } of around.filter((folder) => folder.path.length === depth)) {
      if (app === null) isPage = true;
      else if (isSourcePath(path)) apps.add(app);
    }
  }
  return { isConfig, apps: [...apps], isPage };
}

function isInside(folder: string, path: string): boolean {
  const inside = relative(folder, path);
  return inside !== "" && !inside.startsWith("..") && !isIgnoredPath(inside);
}

function folderOf({ runtime, entry, workingDirectory }: AppConfig): string {
  // Python names modules, and a command is any program: neither says where its files are.
  if (runtime === "python" || runtime === "command" || entry === "") return workingDirectory;
  const manifests = MANIFESTS[runtime] ?? [];
  const own = dirname(entry);
  for (let folder = own; ; folder = dirname(folder)) {
    if (manifests.some((name) => existsSync(join(folder, name)))) return folder;
    if (folder === workingDirectory || folder === dirname(folder)) return own;
  }
}
