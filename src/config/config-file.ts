import { join, relative, resolve } from "node:path";
import type { ConfigSystem } from "./config-system.ts";
import { type ConfigProblem, ConfigProblemsError } from "./problem.ts";

/** Looked for in the current directory, in this order, when no file is named. The last is the name of seed files, in this schema too. */
export const CONFIG_FILE_NAMES = ["vilya.yaml", "vilya.yml", ".rr.yaml"] as const;

/** No configuration is longer; what a typing error in `-config` may name is. */
const FILE_BYTES_MAX = 1024 * 1024;

/** A configuration file that was found and read. */
export interface ConfigFile {
  /** Absolute. */
  readonly path: string;
  /** What messages call it: relative to the current directory where it is below. */
  readonly label: string;
  readonly text: string;
  readonly warnings: readonly ConfigProblem[];
}

/** A configuration that somebody has written without a file. */
export type WrittenConfig = Pick<ConfigFile, "label" | "text">;

/**
 * Finds and reads the configuration file: the one named by the flag, or by `VILYA_CONFIG`, or the first of {@link CONFIG_FILE_NAMES} in
 * the current directory. None at all is null: then defaults, environment and flags are the configuration.
 *
 * @throws {ConfigProblemsError} when a named file is missing, or any is not a readable file of UTF-8 up to 1 MiB.
 */
export function readConfigFile(named: string | WrittenConfig | null, system: ConfigSystem): ConfigFile | null {
  if (typeof named === "object" && named !== null) {
    return { ...named, path: join(system.cwd, CONFIG_FILE_NAMES[0]), warnings: [] };
  }
  const wanted = named ?? (system.environment.VILYA_CONFIG || null);
  if (wanted !== null) return readAt(resolve(system.cwd, wanted), [], system);
  const [first, ...others] = CONFIG_FILE_NAMES.filter((name) => system.kindOf(join(system.cwd, name)) !== "missing");
  if (first === undefined) return null;
  const warnings = others.map((name) => ({
    message: `Cannot use ${name}: ${first} is there too and comes first`,
    origins: [],
    hint: `try: remove one of them, or name one: -config=${name}`,
  }));
  return readAt(join(system.cwd, first), warnings, system);
}

function readAt(path: string, warnings: readonly ConfigProblem[], system: ConfigSystem): ConfigFile {
  const inside = relative(system.cwd, path);
  const label = inside === "" || inside.startsWith("..") ? path : inside;
  const refuse = (state: string, allowed: string) => {
    const message = `Cannot read the configuration ${label}: ${state}, ${allowed} is allowed`;
    return new ConfigProblemsError([{ message, origins: [], hint: null }]);
  };
  const kind = system.kindOf(path);
  if (kind === "missing") throw refuse("it does not exist", "the path of a file");
  if (kind !== "file") throw refuse(kind === "directory" ? "it is a directory" : "it is not a regular file", "a file");
  if (!system.mayUse(path, "read")) throw refuse("it may not be read by this user", "a readable file");
  if (system.sizeOf(path) > FILE_BYTES_MAX) throw refuse(`it is larger than ${FILE_BYTES_MAX} bytes`, "less");
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(system.read(path));
    return { path, label, text, warnings };
  } catch (error) {
    // Decoding throws a TypeError; anything else is the file vanishing or failing between the checks and the read.
    const state = error instanceof TypeError ? "it is not UTF-8 text" : `reading it failed (${String(error)})`;
    throw refuse(state, "a file of UTF-8 text");
  }
}
