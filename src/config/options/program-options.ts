import type { FieldOption, Option, OptionMap } from "./option.ts";
import { text, textList } from "../types/option-type.ts";

export const entry: Option<string | null> = {
  kind: "value",
  key: "entry",
  type: text({ allowed: "the path of a module, or module:name" }),
  default: null,
  defaultRule: "none; `bun`, `node` and `python` need one",
  summary:
    "With `runtime: bun` or `node`: the module whose default export answers requests, such as `server.ts`; on Bun also one that exports nothing and calls `Bun.serve`. Relative paths start at `cwd`. With `runtime: python`: `module:name`, or `module:factory()` for a function that makes the application; modules are looked up in `cwd` first. Without a name it is `app`, else `application`.",
  replaces: "front",
};

export const command: Option<readonly string[]> = {
  kind: "value",
  key: "command",
  type: textList("a list of up to 64 words, or one text that is split at spaces,"),
  default: [],
  summary:
    "With `runtime: command`: the program and its arguments; `--sock PATH --max-requests N` follow them. A program with a `/` in its name starts at `cwd`.",
  replaces: "front",
};

export const binary: Option<string | null> = {
  kind: "value",
  key: "binary",
  type: text({ allowed: "the name of a program in PATH, or its path" }),
  default: null,
  defaultRule:
    "`node` for `runtime: node`; the engine's own for `bun`; for `python` that of the virtual environment `.venv` or `venv` in `cwd`, else `python3`",
  summary: "The interpreter of `entry`: a name looked up in `PATH`, or a path. Relative paths start at `cwd`.",
  replaces: "front",
};

export const args: Option<readonly string[]> = {
  kind: "value",
  key: "args",
  type: textList("a list of up to 64 arguments, or one text that is split at spaces,"),
  default: [],
  summary: "Arguments of the interpreter, such as `--inspect`.",
  replaces: "front",
};

export const workingDirectory: Option<string | null> = {
  kind: "value",
  key: "cwd",
  type: text({ allowed: "the path of a directory" }),
  default: null,
  defaultRule: "the current directory",
  summary: "The working directory of workers that are not PHP. Relative paths start at the current directory.",
  replaces: "front",
};

export const environment: OptionMap = {
  kind: "map",
  key: "env",
  entryName: { pattern: /^[A-Za-z_][A-Za-z0-9_]{0,255}$/, allowed: "the name of an environment variable" },
  entryType: text({ pattern: /^[^\0]*$/, lengthMax: 65_536, allowed: "text of up to 65536 characters" }),
  isSecret: true,
  summary:
    "Environment variables for workers that are not PHP, by name, added to those of the engine and winning over them. Values are not shown by `config show`.",
  replaces: "front",
};

/** How workers of other runtimes than PHP are started; they stand beside `runtime`. */
export const PROGRAM_OPTIONS: readonly FieldOption[] = [entry, command, binary, args, workingDirectory, environment];
