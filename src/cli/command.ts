import type { ConfigSystem } from "../config/config-system.ts";
import type { Flag, ParsedArguments } from "./parse-flags.ts";

/** What a command writes to: what it was asked for goes to `out` (STDOUT), everything else to `err` (STDERR). */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  /** Whether `out` is a screen that a person looks at, so that it may be drawn over; not a file or a pipe. */
  readonly isScreen: boolean;
  /** Whether who read `out` has gone, as `head` does: what goes on by itself has nobody to go on for. */
  readonly isOutClosed: boolean;
}

/** One run of a command. */
export interface Invocation extends ParsedArguments {
  readonly terminal: Terminal;
  readonly system: ConfigSystem;
}

/** A command of the command line. */
export interface Command {
  /** One or two words: `serve`, `config show`. */
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What its help says besides: full sentences. */
  readonly description: string;
  /** What may stand besides flags, a word for each: `APP NUMBER`; any number where it ends with `...`. A command without it takes flags only. */
  readonly positionals?: string;
  readonly flags: readonly Flag[];
  /** Resolves to the exit code. What it throws is reported by the caller. */
  run(invocation: Invocation): Promise<number>;
}

/** Commands that the overview lists together. */
export interface CommandGroup {
  readonly title: string;
  readonly commands: readonly Command[];
}
