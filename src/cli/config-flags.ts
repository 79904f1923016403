import type { ConfigRequest } from "../config/load-config.ts";
import { VALUE_OPTIONS } from "../config/options/option-index.ts";
import type { Override } from "../config/sources/override-source.ts";
import { valueOf } from "./given-flags.ts";
import type { Flag, GivenFlag } from "./parse-flags.ts";
import { UsageError } from "./usage-error.ts";

const OPTIONS_WITH_FLAG = VALUE_OPTIONS.filter((option) => option.flag !== undefined);

/** The flags of every command that reads the configuration. Options of the configuration bring their own. */
export const CONFIG_FLAGS: readonly Flag[] = [
  { name: "config", short: "c", value: "FILE", summary: "Read this file instead of looking for one" },
  ...OPTIONS_WITH_FLAG.map((option) => ({
    name: option.flag ?? "",
    value: (option.flag ?? "").replace("-", "_").toUpperCase(),
    // Sentences go on behind a subordinate clause; here one ends.
    summary: `${option.key}: ${option.type.allowed.replace(/,$/, "")}`,
  })),
  { name: "option", short: "o", value: "KEY=VALUE", summary: "Override any option; may be repeated" },
];

/**
 * What given flags ask of the configuration.
 *
 * @throws {UsageError} when `-o` has no `=`.
 */
export function requestOf(flags: readonly GivenFlag[]): ConfigRequest {
  const file = valueOf(flags, { name: "config" });
  const overrides = flags.flatMap((flag): readonly Override[] => {
    if (flag.name === "option") return [splitOption(flag.value)];
    const option = OPTIONS_WITH_FLAG.find((candidate) => candidate.flag === flag.name);
    return option === undefined ? [] : [{ key: option.key, text: flag.value, flag: `--${flag.name}` }];
  });
  return { file, overrides };
}

/**
 * What `-o KEY=VALUE` asks for.
 *
 * @throws {UsageError} when there is no `=`, or nothing before it.
 */
export function splitOption(given: string): Override {
  const at = given.indexOf("=");
  if (at < 1) throw new UsageError("Cannot use -o: it has no key and value", "try: -o workers.timeout=60s");
  const key = given.slice(0, at);
  return { key, text: given.slice(at + 1), flag: `-o ${key}` };
}
