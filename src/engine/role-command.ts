import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Where `bun build --compile` mounts the program inside its executable. */
export const COMPILED_ROOT = "/$bunfs/";

/**
 * The command that starts another process of this program in a hidden role: the executable itself when compiled, otherwise the same
 * runtime with the same options (no `.env`, no `bunfig.toml` of the current directory) and this checkout's command line.
 */
export function roleCommand(role: "__front"): readonly string[] {
  if (import.meta.path.startsWith(COMPILED_ROOT)) return [process.execPath, role];
  const entry = fileURLToPath(new URL("../cli/main.ts", import.meta.url));
  return [process.execPath, ...RUNTIME_OPTIONS, entry, role];
}

/**
 * The command that starts this program as it was started, in the version that is on the disk now.
 *
 * @param environment takes `VILYA_LAUNCHER`, the path by which the launcher was called: links in it may lead to another version by now.
 */
export function sameCommand(environment: Readonly<Record<string, string | undefined>>): readonly string[] {
  const { VILYA_LAUNCHER: launcher = "" } = environment;
  if (import.meta.path.startsWith(COMPILED_ROOT)) return [process.execPath, ...process.argv.slice(2)];
  if (launcher !== "" && existsSync(launcher)) return [launcher, ...process.argv.slice(2)];
  const [, entry = ""] = process.argv;
  return [process.execPath, ...RUNTIME_OPTIONS, entry, ...process.argv.slice(2)];
}

/** As in `bin/vilya`; `process.execArgv` would repeat the options of a test runner. */
const RUNTIME_OPTIONS = ["--no-env-file", "--config=/dev/null", "--no-install"] as const;
