import { quote } from "../../base/printable.ts";
import type { Assignment, SourceReading } from "./assignment.ts";
import { findOption } from "../options/option-index.ts";
import type { Origin } from "../origin.ts";
import type { ConfigProblem } from "../problem.ts";
import { suggestKey } from "./suggest-key.ts";

/** A value given on the command line: `--port 8081`, `-o php.ini.memory_limit=256M`. */
export interface Override {
  /** A dotted key; the entry of a map option follows its key. */
  readonly key: string;
  readonly text: string;
  /** What was typed, for messages: `--port`. */
  readonly flag: string;
}

/** Reads overrides from the command line. */
export function readOverrideSource(overrides: readonly Override[]): SourceReading {
  const assignments: Assignment[] = [];
  const problems: ConfigProblem[] = [];
  for (const { key, text, flag } of overrides) {
    const origin: Origin = { kind: "flag", flag };
    const found = findOption(key);
    if (found === null) {
      const meant = suggestKey(key);
      const message = `Cannot use ${quote(key)}: no option has this name, only documented ones are allowed`;
      problems.push({
        message,
        origins: [origin],
        hint: meant === null ? "try: vilya config show, which lists them" : `did you mean ${meant}?`,
      });
    } else if (found.option.kind === "list" || found.option.kind === "table") {
      const message = `Cannot use ${key}: it is a ${found.option.kind}, which only the configuration file can give`;
      problems.push({ message, origins: [origin], hint: null });
    } else if (found.option.kind === "map" && found.entryName === null) {
      const message = `Cannot use ${key}: it is a map, one of its entries is allowed`;
      problems.push({ message, origins: [origin], hint: `try: -o ${key}.NAME=VALUE` });
    } else {
      const { option, entryName } = found;
      assignments.push({ option, entryName, raw: text, origin });
    }
  }
  return { assignments, problems, warnings: [] };
}
