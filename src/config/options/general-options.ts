import type { Option, Section } from "./option.ts";
import { choice, either, integer, text } from "../types/option-type.ts";
import { PROGRAM_OPTIONS } from "./program-options.ts";

/** What an app's workers are. */
export type Runtime = "php" | "bun" | "node" | "python" | "command" | "stub";

export const runtime: Option<Runtime> = {
  kind: "value",
  key: "runtime",
  type: choice(["php", "bun", "node", "python", "command", "stub"]),
  default: "php",
  summary:
    "What answers requests: `php` runs the workers described under `php`; `bun` and `node` run the TypeScript or JavaScript module of `entry`, on the engine's own runtime or on the Node.js of the machine; `python` runs the ASGI or WSGI application of `entry`; `command` runs `command`, any program that speaks the worker protocol; `stub` answers from the front without any worker, to measure the front alone.",
  replaces: "front",
};

export const name: Option<string | null> = {
  kind: "value",
  key: "name",
  type: text({
    pattern: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,31}$/,
    allowed: "a name of 1 to 32 letters, digits, `_`, `-` and `.` that starts with a letter or digit",
  }),
  default: null,
  defaultRule: "the name of the configuration file's directory, or of the current one",
  summary: "Tells instances on one machine apart: in socket paths, process titles and logs.",
  guards: "A socket path holds 107 bytes; the name is short so that it fits.",
  replaces: "instance",
};

export const runtimeDirectory: Option<string | null> = {
  kind: "value",
  key: "runtime_dir",
  type: text({ allowed: "the path of a directory" }),
  default: null,
  defaultRule:
    "`/run/user/UID`, else `/run/vilya`, else the directory for temporary files: the first that is there and safe to write to",
  summary:
    "Where the instance makes its own directory (mode 0700) for sockets. Relative paths start at the current directory.",
  guards: "Other users of the machine cannot reach the workers' sockets.",
  replaces: "instance",
};

/** More front processes than this on one machine are a typing error. */
const FRONT_COUNT_RANGE = { min: 1, max: 64 } as const;

export const fronts: Option<number | "auto"> = {
  kind: "value",
  key: "fronts",
  type: either(choice(["auto"]), integer(FRONT_COUNT_RANGE)),
  default: 1,
  summary:
    "Processes that accept connections and speak HTTP, side by side on the same addresses. Each has its share of every app's workers, at least one, and of its queue; limits under `server`, `websocket` and `routes` are for each front. `auto` is the number of CPUs the process may use, quotas of its control group included, and no more than the workers of the app with the fewest.",
  guards: "One front uses one CPU: more of them carry more connections, TLS and compression than one CPU can.",
  replaces: "front",
  flag: "fronts",
};

/** What stands at the top of the file. */
export const generalSection: Section = {
  key: "",
  summary: "The instance as a whole.",
  options: [runtime, name, runtimeDirectory, fronts, ...PROGRAM_OPTIONS],
};
