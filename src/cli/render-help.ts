import type { Command, CommandGroup } from "./command.ts";
import type { Flag } from "./parse-flags.ts";

type Row = readonly [left: string, right: string];

/** Shown for every command, taken care of before it runs. */
export const HELP_FLAG: Flag = { name: "help", short: "h", summary: "Print this help" };

/** The help of the program: its commands by what they are for, and where to read on. */
export function renderOverview(groups: readonly CommandGroup[]): string {
  const width = widthOf(groups.flatMap(rowsOf));
  const lists = groups.map((group) => `${group.title}:\n${renderRows(rowsOf(group), width)}\n`);
  return `Vilya keeps application processes warm behind one HTTP front.

Usage: vilya COMMAND [FLAGS]
       vilya -config=FILE [FLAGS]    (the same as: vilya serve)

${lists.join("")}Each command explains itself: vilya help COMMAND
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

function rowsOf({ commands }: CommandGroup): readonly Row[] {
  return commands.map(({ name, summary }) => [name, summary] as const);
}

function widthOf(rows: readonly Row[]): number {
  return Math.max(...rows.map(([left]) => left.length));
}

function renderRows(rows: readonly Row[], width: number = widthOf(rows)): string {
  return rows.map(([left, right]) => `  ${left.padEnd(width)}  ${right}\n`).join("");
}
