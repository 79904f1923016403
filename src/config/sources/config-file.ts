import { join, relative, resolve } from "node:path";
import type { ConfigSystem } from "../config-system.ts";
import { type ConfigProblem, ConfigProblemsError } from "../problem.ts";

/** Looked for in the current directory, in this order, when no file is named. The last is the name of seed files, in this schema too. */
export const CONFIG_FILE_NAMES = ["vilya.yaml", "vilya.yml", ".rr.yaml"] as const;

/** What begins a section of RoadRunner's own files, which have the last of these names, too, and is no option here. */
const ROADRUNNER_KEY = /^(?:version|rpc|http|jobs|grpc|temporal|kv|endure)[ \t]*:/m;

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
  const [first, ...others] = findConfigFiles(system);
  if (first === undefined) {
    const foreign = join(system.cwd, ".rr.yaml");
    return system.kindOf(foreign) === "missing" ? null : readAt(foreign, [], system);
  }
  const warnings = others.map((name) => ({
    message: `Cannot use ${name}: ${first} is there too and comes first`,
    origins: [],
    hint: `try: remove one of them, or name one: -config=${name}`,
  }));
  return readAt(join(system.cwd, first), warnings, system);
}

/** The names of the configuration files in the current directory, that which counts first. One of RoadRunner's own is none. */
export function findConfigFiles(system: ConfigSystem): readonly string[] {
  return CONFIG_FILE_NAMES.filter((name) => {
    const path = join(system.cwd, name);
    const kind = system.kindOf(path);
    if (name !== ".rr.yaml" || kind !== "file" || !system.mayUse(path, "read")) return kind !== "missing";
    return system.sizeOf(path) > FILE_BYTES_MAX || !ROADRUNNER_KEY.test(new TextDecoder().decode(system.read(path)));
  });
}

function readAt(path: string, warnings: readonly ConfigProblem[], system: ConfigSystem): ConfigFile {
  const inside = relative(system.cwd, path);
  const label = inside === "" || inside.startsWith("..") ? path : inside;
  const refuse = (state: string, allowed: string, hint: string | null = null) => {
    const message = `Cannot read the configuration ${label}: ${state}, ${allowed} is allowed`;
    return new ConfigProblemsError([{ message, origins: [], hint }]);
  };
  const kind = system.kindOf(path);
  if (kind === "missing") {
    const [present] = findConfigFiles(system);
    const hint = present === undefined ? "try: vilya init, which writes one" : `try: ${present}, which is here`;
    throw refuse("it does not exist", "the path of a file", hint);
  }
  if (kind !== "file") throw refuse(kind === "directory" ? "it is a directory" : "it is not a regular file", "a file");
  if (!system.mayUse(path, "read")) throw refuse("it may not be read by this user", "a readable file");
  if (system.sizeOf(path) > FILE_BYTES_MAX) throw refuse(`it is larger than ${FILE_BYTES_MAX} bytes`, "less");
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(system.read(path));
  } catch (error) {
    // Decoding throws a TypeError; anything else is the file vanishing or failing between the checks and the read.
    const state = error instanceof TypeError ? "it is not UTF-8 text" : `reading it failed (${String(error)})`;
    throw refuse(state, "a file of UTF-8 text");
  }
  if (label.endsWith(".rr.yaml") && ROADRUNNER_KEY.test(text)) {
    throw refuse(
      "it is RoadRunner's own",
      "a file with options of Vilya",
      "try: vilya init, and docs/guides/roadrunner.md for what becomes of each key",
    );
  }
  return { path, label, text, warnings };
}
