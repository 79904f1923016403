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

/** As in `bin/vilya`; `process.execArgv` would repeat the options of a test runner. */
const RUNTIME_OPTIONS = ["--no-env-file", "--config=/dev/null", "--no-install"] as const;
