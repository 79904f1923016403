import type { Command } from "./command.ts";
import type { Flag } from "./parse-flags.ts";

/** Shown for every command, taken care of before it runs. */
export const HELP_FLAG: Flag = { name: "help", short: "h", summary: "Print this help" };

/** The help of the program: its commands, and where to read on. */
export function renderOverview(commands: readonly Command[]): string {
  const rows = commands.map(({ name, summary }) => [name, summary] as const);
  return `Vilya keeps application processes warm behind one HTTP front.

Usage: vilya COMMAND [FLAGS]
       vilya -config=FILE [FLAGS]    (the same as: vilya serve)

Commands:
${renderRows(rows)}
Each command explains itself: vilya help COMMAND
`;
}

/** The help of one command. */
export function renderCommandHelp(command: Command): string {
  const usage = ["vilya", command.name, command.positionals, "[FLAGS]"].filter((part) => part !== undefined).join(" ");
  const rows = [...command.flags, HELP_FLAG].map((flag) => [renderFlag(flag), flag.summary] as const);
  return `${command.description}

Usage: ${usage}

Flags:
${renderRows(rows)}`;
}

function renderFlag({ name, short, value }: Flag): string {
  const names = `${short === undefined ? "    " : `-${short}, `}--${name}`;
  return value === undefined ? names : `${names} ${value}`;
}

function renderRows(rows: readonly (readonly [left: string, right: string])[]): string {
  const width = Math.max(...rows.map(([left]) => left.length));
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}
