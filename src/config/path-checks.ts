import { delimiter, resolve } from "node:path";
import { appScopes } from "./app-scopes.ts";
import type { AppConfig, Config } from "./config.ts";
import type { ConfigSystem } from "./config-system.ts";
import type { FieldOption } from "./option.ts";
import * as php from "./php-options.ts";
import type { ConfigProblem } from "./problem.ts";
import { routeScopes } from "./route-scopes.ts";
import { staticFields } from "./static-options.ts";
import { bodyDirectory } from "./server-options.ts";
import type { Settings } from "./settings.ts";
import { SettingsScope } from "./settings-scope.ts";

/** Looks at every path the configuration names, before anything is spawned or bound. What only the engine chooses is its own to check. */
export function checkPaths(config: Config, settings: Settings, system: ConfigSystem): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuseIn =
    (scope: SettingsScope): Refuse =>
    (option, state, hint) => {
      const origins = [scope.origin(option), settings.itemOrigin(scope.item)].filter(({ kind }) => kind !== "default");
      problems.push({ message: `Cannot use ${scope.keyOf(option)}: ${state}`, origins: origins.slice(0, 1), hint });
    };
  const { bodyDirectory: spool } = config.server;
  if (spool !== null && !isUsableDirectory(spool, "write", system)) {
    const refuse = refuseIn(new SettingsScope(settings));
    refuse(bodyDirectory, `${spool} is not a directory this user may write to, an existing one is allowed`, null);
  }
  for (const { name, scope } of appScopes(settings)) {
    const app = config.apps.find((each) => each.name === name);
    if (app?.runtime === "php") checkPhp(app, system, refuseIn(scope));
    checkStaticRoot(scope, system, refuseIn(scope));
  }
  for (const scope of routeScopes(settings)) checkStaticRoot(scope, system, refuseIn(scope));
  return problems;
}

type Refuse = (option: FieldOption, state: string, hint: string | null) => void;

function checkStaticRoot(scope: SettingsScope, system: ConfigSystem, refuse: Refuse): void {
  const root = scope.value(staticFields.root);
  if (root === null || isUsableDirectory(root, "execute", system)) return;
  refuse(staticFields.root, `${root} is not a directory this user may look into, an existing one is allowed`, null);
}

function checkPhp(app: AppConfig, system: ConfigSystem, refuse: Refuse): void {
  if (!isUsableDirectory(app.workingDirectory, "execute", system)) {
    refuse(php.workingDirectory, `${app.workingDirectory} is not a directory, an existing one is allowed`, null);
    return;
  }
  checkScript(app.workerScript, system, refuse);
  if (!canFindProgram(app, system)) {
    const where = app.binary.includes("/") ? "is not a program this user may run" : "is not in PATH";
    const hint = "try: install PHP, or set php.binary to its path";
    refuse(php.binary, `${app.binary} ${where}, the PHP interpreter is allowed`, hint);
  }
}

function checkScript(path: string, system: ConfigSystem, refuse: Refuse): void {
  const kind = system.kindOf(path);
  if (kind !== "file") {
    const state = kind === "missing" ? "does not exist" : "is not a file";
    const hint = "try: start where the file is, or set php.worker_script";
    refuse(php.workerScript, `${path} ${state}, a PHP file is allowed`, hint);
  } else if (!system.mayUse(path, "read")) {
    refuse(php.workerScript, `${path} may not be read by this user, a readable PHP file is allowed`, null);
  }
}

function isUsableDirectory(path: string, use: "write" | "execute", system: ConfigSystem): boolean {
  return system.kindOf(path) === "directory" && system.mayUse(path, use);
}

function canFindProgram({ binary, workingDirectory }: AppConfig, system: ConfigSystem): boolean {
  // A path is absolute by now, so the folder before it does not count.
  const folders = binary.includes("/") ? ["/"] : (system.environment.PATH ?? "").split(delimiter);
  return folders.some((folder) => {
    const path = resolve(workingDirectory, folder, binary);
    return system.kindOf(path) === "file" && system.mayUse(path, "execute");
  });
}
