import type { Option, OptionMap, Section } from "./option.ts";
import { text, textList } from "../types/option-type.ts";

export const binary: Option<string> = {
  kind: "value",
  key: "php.binary",
  type: text({ allowed: "the name of a program in PATH, or its path" }),
  default: "php",
  summary:
    "The PHP interpreter: a name looked up in `PATH`, or a path such as `/usr/bin/php8.3`. Relative paths start at `php.cwd`.",
  replaces: "front",
};

export const workerScript: Option<string> = {
  kind: "value",
  key: "php.worker_script",
  type: text({ allowed: "the path of a PHP file" }),
  default: "worker.php",
  summary:
    "The worker's entry script; it is run as `php worker.php --sock PATH`. Relative paths start at `php.cwd`, which is the current directory unless set.",
  replaces: "front",
};

export const args: Option<readonly string[]> = {
  kind: "value",
  key: "php.args",
  type: textList("a list of up to 64 arguments, or one text that is split at spaces,"),
  default: [],
  summary: "Arguments between the interpreter and the script.",
  replaces: "front",
};

export const workingDirectory: Option<string | null> = {
  kind: "value",
  key: "php.cwd",
  type: text({ allowed: "the path of a directory" }),
  default: null,
  defaultRule: "the current directory",
  summary: "The workers' working directory. Relative paths start at the current directory.",
  replaces: "front",
};

export const ini: OptionMap = {
  kind: "map",
  key: "php.ini",
  entryName: { pattern: /^[A-Za-z_][A-Za-z0-9_.-]{0,127}$/, allowed: "the name of a PHP setting" },
  entryType: text({ allowed: "one line of text" }),
  isSecret: false,
  summary: "PHP settings for the workers by name, such as `memory_limit: 256M`; they win over `php.ini`.",
  replaces: "front",
};

export const environment: OptionMap = {
  kind: "map",
  key: "php.env",
  entryName: { pattern: /^[A-Za-z_][A-Za-z0-9_]{0,255}$/, allowed: "the name of an environment variable" },
  // An empty value is a value here, and line breaks (keys, certificates) are common: only NUL cannot be handed to a process.
  entryType: text({ pattern: /^[^\0]*$/, lengthMax: 65_536, allowed: "text of up to 65536 characters" }),
  isSecret: true,
  summary:
    "Environment variables for the workers by name, added to those of the engine and winning over them. Values are not shown by `config show`.",
  replaces: "front",
};

/** The `php` section. */
export const phpSection: Section = {
  key: "php",
  summary: "How a worker is started.",
  options: [binary, workerScript, args, workingDirectory, ini, environment],
};
