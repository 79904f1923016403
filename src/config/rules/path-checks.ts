import { basename, delimiter, dirname, normalize, resolve } from "node:path";
import { quote } from "../../base/printable.ts";
import { appScopes } from "../app-scopes.ts";
import type { AppConfig } from "../app-config.ts";
import type { Config } from "../config.ts";
import type { ConfigSystem } from "../config-system.ts";
import { findPython } from "../find-python.ts";
import type { FieldOption } from "../options/option.ts";
import * as php from "../options/php-options.ts";
import * as program from "../options/program-options.ts";
import type { ConfigProblem } from "../problem.ts";
import { routeScopes } from "../route-scopes.ts";
import { sendfileRoots, staticFields } from "../options/static-options.ts";
import { bodyDirectory } from "../options/server-options.ts";
import type { Settings } from "../settings.ts";
import { SettingsScope } from "../settings-scope.ts";

/** Who has neither a file nor a worker where one is by default has most likely not begun yet. */
const BEGIN_HINT =
  "try: vilya init, which writes a configuration for what is in this folder; or name one: -config=FILE";

/** Looks at every path the configuration names, before anything is spawned or bound. What only the engine chooses is its own to check. */
export function checkPaths(config: Config, settings: Settings, system: ConfigSystem): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const refuseIn =
    (scope: SettingsScope): Refuse =>
    (option, state, hint) => {
      const origins = [scope.origin(option), settings.itemOrigin(scope.item)].filter(({ kind }) => kind !== "default");
      const hasBegun = config.file !== null || origins.length > 0 || option !== php.workerScript;
      const message = `Cannot use ${scope.keyOf(option)}: ${state}`;
      problems.push({ message, origins: origins.slice(0, 1), hint: hasBegun ? hint : BEGIN_HINT });
    };
  const { bodyDirectory: spool } = config.server;
  if (spool !== null && !isUsableDirectory(spool, "write", system)) {
    const refuse = refuseIn(new SettingsScope(settings));
    refuse(bodyDirectory, `${spool} is not a directory this user may write to, an existing one is allowed`, null);
  }
  for (const { name, scope } of appScopes(settings)) {
    const app = config.apps.find((each) => each.name === name);
    if (app !== undefined) checkApp(app, system, refuseIn(scope));
    checkStaticRoot(scope, system, refuseIn(scope));
    checkSendfile(config.apps.find((each) => each.name === name)?.sendfile ?? [], system, refuseIn(scope));
  }
  for (const scope of routeScopes(settings)) checkStaticRoot(scope, system, refuseIn(scope));
  return problems;
}

type Refuse = (option: FieldOption, state: string, hint: string | null) => void;

function checkSendfile(roots: AppConfig["sendfile"], system: ConfigSystem, refuse: Refuse): void {
  for (const { directory } of roots) {
    if (isUsableDirectory(directory, "execute", system)) continue;
    refuse(sendfileRoots, `${directory} is not a directory this user may look into, an existing one is allowed`, null);
  }
}

function checkStaticRoot(scope: SettingsScope, system: ConfigSystem, refuse: Refuse): void {
  const root = scope.value(staticFields.root);
  if (root === null || isUsableDirectory(root, "execute", system)) return;
  refuse(staticFields.root, `${root} is not a directory this user may look into, an existing one is allowed`, null);
}

/** How an app's paths are spoken of. */
interface PathWords {
  readonly directory: FieldOption;
  readonly entry: FieldOption;
  /** What an entry is: "a PHP file". */
  readonly entryKind: string;
  readonly binary: FieldOption;
  readonly binaryKind: string;
  readonly binaryHint: string;
}

const PHP_WORDS: PathWords = {
  directory: php.workingDirectory,
  entry: php.workerScript,
  entryKind: "PHP file",
  binary: php.binary,
  binaryKind: "the PHP interpreter",
  binaryHint: "try: install PHP, or set php.binary to its path",
};

const MODULE_WORDS: PathWords = {
  directory: program.workingDirectory,
  entry: program.entry,
  entryKind: "module",
  binary: program.binary,
  binaryKind: "an interpreter",
  binaryHint: "try: install it, or set binary to its path",
};

const PYTHON_WORDS: PathWords = {
  ...MODULE_WORDS,
  binaryHint: "try: install Python 3.10 or newer, or set binary to its path",
};

const COMMAND_WORDS: PathWords = { ...MODULE_WORDS, binary: program.command, binaryKind: "a program" };

function checkApp(app: AppConfig, system: ConfigSystem, refuse: Refuse): void {
  switch (app.runtime) {
    case "php":
      checkProgram(app, PHP_WORDS, system, refuse);
      break;
    case "bun":
    case "node":
      if (app.entry === "")
        refuse(program.entry, "it is missing, the path of a module is allowed", "try: entry: server.ts");
      else checkProgram(app, MODULE_WORDS, system, refuse);
      break;
    case "python":
      checkPythonEntry(app.entry, refuse);
      if (app.entry !== "") checkProgram(withPython(app, system), PYTHON_WORDS, system, refuse);
      break;
    case "command":
      if (app.binary === "")
        refuse(program.command, "it is missing, a program is allowed", "try: command: [python3, worker.py]");
      else checkProgram(app, COMMAND_WORDS, system, refuse);
      break;
    case "stub":
      break;
    default:
      app.runtime satisfies never;
  }
}

/** A file's path in the place of a module's name is what people type first. */
function checkPythonEntry(entry: string, refuse: Refuse): void {
  const [module = "", name = "app"] = entry.split(":");
  if (module === "") refuse(program.entry, "it is missing, module:name is allowed", "try: entry: main:app");
  else if (/\/|\.py$/.test(module)) {
    const path = normalize(module);
    const isOutside = /^(?:\/|\.\.\/)/.test(path);
    const dotted = (isOutside ? basename(path) : path).replace(/\.py$/, "").replaceAll("/", ".");
    const place = isOutside ? `, and cwd: ${dirname(path)}` : "";
    refuse(
      program.entry,
      `it is the path ${quote(entry)}, module:name is allowed`,
      `try: entry: ${dotted}:${name}${place}`,
    );
  }
}

/** Its entry is no path: only an import can tell whether it is there. */
function withPython(app: AppConfig, system: ConfigSystem): AppConfig {
  const binary = app.binary ?? findPython(app.workingDirectory, (path) => system.kindOf(path) === "file");
  return { ...app, binary, entry: "" };
}

function checkProgram(app: AppConfig, words: PathWords, system: ConfigSystem, refuse: Refuse): void {
  if (!isUsableDirectory(app.workingDirectory, "execute", system)) {
    refuse(words.directory, `${app.workingDirectory} is not a directory, an existing one is allowed`, null);
    return;
  }
  if (app.entry !== "") checkEntry(app.entry, words, system, refuse);
  const { binary } = app;
  if (binary !== null && !canFindProgram(binary, app.workingDirectory, system)) {
    const where = binary.includes("/") ? "is not a program this user may run" : "is not in PATH";
    refuse(words.binary, `${binary} ${where}, ${words.binaryKind} is allowed`, words.binaryHint);
  }
}

function checkEntry(path: string, { entry, entryKind }: PathWords, system: ConfigSystem, refuse: Refuse): void {
  const kind = system.kindOf(path);
  if (kind !== "file") {
    const state = kind === "missing" ? "does not exist" : "is not a file";
    refuse(entry, `${path} ${state}, a ${entryKind} is allowed`, `try: start where the file is, or set ${entry.key}`);
  } else if (!system.mayUse(path, "read")) {
    refuse(entry, `${path} may not be read by this user, a readable ${entryKind} is allowed`, null);
  }
}

function isUsableDirectory(path: string, use: "write" | "execute", system: ConfigSystem): boolean {
  return system.kindOf(path) === "directory" && system.mayUse(path, use);
}

function canFindProgram(binary: string, workingDirectory: string, system: ConfigSystem): boolean {
  // A path is absolute by now, so the folder before it does not count.
  const folders = binary.includes("/") ? ["/"] : (system.environment.PATH ?? "").split(delimiter);
  return folders.some((folder) => {
    const path = resolve(workingDirectory, folder, binary);
    return system.kindOf(path) === "file" && system.mayUse(path, "execute");
  });
}
