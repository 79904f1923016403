import type { ConfigRequest } from "../config/load-config.ts";
import { VALUE_OPTIONS } from "../config/options/option-index.ts";
import type { Override } from "../config/sources/override-source.ts";
import { valueOf } from "./given-flags.ts";
import type { Flag, GivenFlag } from "./parse-flags.ts";
import { UsageError } from "./usage-error.ts";

const OPTIONS_WITH_FLAG = VALUE_OPTIONS.filter((option) => option.flag !== undefined);

/** Options that end in the same word and are named in one hint. */
const SUGGESTION_COUNT_MAX = 3;

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

/** For `--timeout` and the like, which is no flag and the last word of an option: how `-o` gives it. Null where none ends so. */
export function suggestOption(typed: string): string | null {
  const word = typed.replaceAll("-", "_");
  const keys = VALUE_OPTIONS.map(({ key }) => key).filter((key) => key === word || key.endsWith(`.${word}`));
  const suggestions = keys.slice(0, SUGGESTION_COUNT_MAX).map((key) => `-o ${key}=VALUE`);
  return suggestions.length === 0 ? null : `try: ${suggestions.join(", or ")}`;
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
