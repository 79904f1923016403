import { quote } from "../base/printable.ts";
import { nearest } from "../config/nearest.ts";
import { UsageError } from "./usage-error.ts";

/** A flag that a command takes. */
export interface Flag {
  /** Without dashes: `config`. */
  readonly name: string;
  /** One letter. */
  readonly short?: string;
  /** What its value is called in the help: `FILE`; a flag without one is a switch. */
  readonly value?: string;
  readonly summary: string;
}

/** A flag that was given. */
export interface GivenFlag {
  readonly name: string;
  /** The empty string for a switch. */
  readonly value: string;
}

/** A command line, split. Flags keep their order: where two set one thing the last wins. */
export interface ParsedArguments {
  readonly flags: readonly GivenFlag[];
  readonly positionals: readonly string[];
}

/**
 * Splits arguments into flags and the rest. One dash is as good as two (`-config=FILE`, as Go programs take it), a value follows `=` or
 * is the next argument, and nothing after `--` is a flag.
 *
 * @param hintFor says what to try in the place of a flag that there is none of; null leaves that to the names of the others.
 * @throws {UsageError} on an unknown flag, a missing value, and a value for a switch.
 */
export function parseFlags(
  args: readonly string[],
  known: readonly Flag[],
  hintFor: (typed: string) => string | null = () => null,
): ParsedArguments {
  const flags: GivenFlag[] = [];
  const positionals: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    if (arg === "--") {
      positionals.push(...args.slice(index + 1));
      break;
    }
    const match = /^--?([^-=][^=]*)(?:=(.*))?$/s.exec(arg);
    if (match === null) {
      positionals.push(arg);
      continue;
    }
    const [, typed = "", inlineValue] = match;
    const flag = find(typed, known, hintFor);
    if (flag.value === undefined) {
      if (inlineValue !== undefined) throw refuse(flag, "it has a value, none is allowed", `try: --${flag.name}`);
      flags.push({ name: flag.name, value: "" });
      continue;
    }
    const value = inlineValue ?? args[++index];
    if (value === undefined) throw refuse(flag, "its value is missing", `try: --${flag.name} ${flag.value}`);
    flags.push({ name: flag.name, value });
  }
  return { flags, positionals };
}

function find(typed: string, known: readonly Flag[], hintFor: (typed: string) => string | null): Flag {
  const flag = known.find(({ name, short }) => name === typed || short === typed);
  if (flag !== undefined) return flag;
  const near = nearest(
    typed,
    known.map(({ name }) => name),
  );
  const hint = near === null ? "try: vilya help" : `did you mean --${near}?`;
  throw new UsageError(`Cannot use the flag ${quote(typed)}: there is none of this name`, hintFor(typed) ?? hint);
}

function refuse(flag: Flag, state: string, hint: string): UsageError {
  return new UsageError(`Cannot use --${flag.name}: ${state}`, hint);
}
