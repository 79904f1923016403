import { quote } from "../base/printable.ts";
import type { ConfigSystem } from "../config/config-system.ts";
import { nearest } from "../config/nearest.ts";
import type { Command, CommandGroup, Terminal } from "./command.ts";
import { createCompletionCommand } from "./completion-command.ts";
import { suggestOption } from "./config-flags.ts";
import { configCheckCommand } from "./config/config-check-command.ts";
import { configReferenceCommand } from "./config/config-reference-command.ts";
import { configSchemaCommand } from "./config/config-schema-command.ts";
import { configShowCommand } from "./config/config-show-command.ts";
import { EXIT_CODE } from "../base/exit-code.ts";
import { devCommand } from "./dev-command.ts";
import { initCommand } from "./init/init-command.ts";
import { frontCommand } from "./front-command.ts";
import { logLevelCommand } from "./instance/log-level-command.ts";
import { logsCommand } from "./instance/logs-command.ts";
import { parseFlags } from "./parse-flags.ts";
import { readyCommand } from "./instance/ready-command.ts";
import { drainCommand } from "./instance/drain-command.ts";
import { recycleCommand } from "./instance/recycle-command.ts";
import { HELP_FLAG, renderCommandHelp, renderOverview } from "./render-help.ts";
import { runCommand } from "./run/run-command.ts";
import { suggestRunFlag } from "./run/run-flags.ts";
import { reportError } from "./report.ts";
import { reloadCommand } from "./instance/reload-command.ts";
import { scaleCommand } from "./instance/scale-command.ts";
import { serveCommand } from "./serve-command.ts";
import { statusCommand } from "./instance/status-command.ts";
import { stopCommand } from "./instance/stop-command.ts";
import { topCommand } from "./instance/top-command.ts";
import { upgradeCommand } from "./instance/upgrade-command.ts";
import { UsageError } from "./usage-error.ts";
import { versionCommand } from "./version-command.ts";
import { workersCommand } from "./instance/workers-command.ts";
import { workerCommand } from "./worker-command.ts";

const helpCommand: Command = {
  name: "help",
  summary: "Explain a command",
  description: "Explains a command, or lists them all.",
  positionals: "[COMMAND...]",
  flags: [],
  async run({ positionals, terminal }) {
    const [only, ...more] = positionals;
    const group = more.length > 0 ? [] : LISTED_COMMANDS.filter(({ name }) => name.startsWith(`${only} `));
    if (only === undefined) terminal.out(renderOverview(COMMAND_GROUPS));
    else if (group.length > 0) terminal.out(group.map(renderCommandHelp).join("\n"));
    else terminal.out(renderCommandHelp(findCommand(positionals).command));
    return EXIT_CODE.ok;
  },
};

const completionCommand: Command = createCompletionCommand(() => COMMAND_GROUPS);

/** The commands that people type, in the order of the help. */
export const COMMAND_GROUPS: readonly CommandGroup[] = [
  { title: "Serve", commands: [serveCommand, devCommand, runCommand, initCommand] },
  {
    title: "Look at a running instance",
    commands: [statusCommand, readyCommand, workersCommand, topCommand, logsCommand],
  },
  {
    title: "Change a running instance",
    commands: [reloadCommand, upgradeCommand, scaleCommand, recycleCommand, drainCommand, logLevelCommand, stopCommand],
  },
  {
    title: "Configuration",
    commands: [configCheckCommand, configShowCommand, configSchemaCommand, configReferenceCommand],
  },
  { title: "Help", commands: [helpCommand, completionCommand, versionCommand] },
];

const LISTED_COMMANDS: readonly Command[] = COMMAND_GROUPS.flatMap(({ commands }) => commands);

const IS_HELP = /^--?(?:help|h)$/;

/** Vilya starts these itself: they are in no list and no suggestion. */
const INTERNAL_COMMANDS: readonly Command[] = [frontCommand, workerCommand];

/**
 * Runs one command line, without the program's name, and returns the exit code. It never throws and never exits: what goes wrong is
 * told on `terminal.err`.
 */
export async function runCommandLine(
  args: readonly string[],
  terminal: Terminal,
  system: ConfigSystem,
): Promise<number> {
  try {
    const { command, rest } = findCommand(args);
    const { flags, positionals } = parseFlags(rest, [...command.flags, HELP_FLAG], (typed) => hintFor(typed, command));
    if (flags.some(({ name }) => name === HELP_FLAG.name)) {
      terminal.out(renderCommandHelp(command));
      return EXIT_CODE.ok;
    }
    refuseUnexpected(command, positionals);
    return await command.run({ flags, positionals, terminal, system });
  } catch (error) {
    return reportError(error instanceof UsageError ? commandFirst(error, args) : error, terminal);
  }
}

/** What to try in the place of a flag that a command does not have; null where nothing but the names of its others helps. */
function hintFor(typed: string, command: Command): string | null {
  const takesOptions = command.flags.some(({ name }) => name === "option");
  return (command === runCommand ? suggestRunFlag(typed) : null) ?? (takesOptions ? suggestOption(typed) : null);
}

/** Where flags stand before a command, they were taken for those of `serve`, and what is wrong with them is their place. */
function commandFirst(error: UsageError, args: readonly string[]): UsageError {
  if (args[0]?.startsWith("-") !== true) return error;
  const name = LISTED_COMMANDS.map((command) => command.name).find((words) => args.includes(firstWord(words)));
  return name === undefined ? error : new UsageError(error.message, `try: the command first: vilya ${firstWord(name)}`);
}

/** More words than a command has a use for are a mistake, and never left out in silence. */
function refuseUnexpected({ name, positionals: expected, flags }: Command, positionals: readonly string[]): void {
  if (expected?.endsWith("...]") === true) return;
  const unexpected = positionals[expected === undefined ? 0 : expected.split(" ").length];
  if (unexpected === undefined) return;
  const allowed = expected === undefined ? "only flags are" : `${expected} is`;
  const isFile = /\.ya?ml$/.test(unexpected) && flags.some((flag) => flag.name === "config");
  throw new UsageError(
    `Cannot run ${name}: ${quote(unexpected)} is unexpected, ${allowed} allowed`,
    `try: vilya ${isFile ? `${name} --config ${unexpected}` : `help ${name}`}`,
  );
}

/** The command is named first; flags alone mean `serve`, nothing at all `help`. */
function findCommand(args: readonly string[]): { readonly command: Command; readonly rest: readonly string[] } {
  const [first = "help", second = ""] = args;
  if (IS_HELP.test(first)) return { command: helpCommand, rest: args.slice(1) };
  if (/^--?(?:version|v)$/.test(first)) return { command: versionCommand, rest: args.slice(1) };
  if (first.startsWith("-")) return { command: serveCommand, rest: args };
  for (const [name, wordCount] of [
    [`${first} ${second}`, 2],
    [first, 1],
  ] as const) {
    const command = [...LISTED_COMMANDS, ...INTERNAL_COMMANDS].find((candidate) => candidate.name === name);
    if (command !== undefined) return { command, rest: args.slice(wordCount) };
  }
  if (IS_HELP.test(second)) return { command: helpCommand, rest: [first] };
  throw unknownCommand(first, second);
}

function unknownCommand(first: string, second: string): UsageError {
  const names = LISTED_COMMANDS.map(({ name }) => name);
  const group = names.filter((name) => name.startsWith(`${first} `));
  const typed = group.length === 0 || second.startsWith("-") ? first : `${first} ${second}`.trim();
  const near = group.length === 0 ? nearest(typed, new Set(names.map(firstWord))) : nearest(typed, group);
  const choices = (group.length === 0 ? ["help"] : group).map((name) => `vilya ${name}`).join(", ");
  const hint =
    near === null || (typed === first && group.length > 0) ? `try: ${choices}` : `did you mean vilya ${near}?`;
  return new UsageError(`Cannot run ${quote(typed)}: there is no such command`, hint);
}

function firstWord(name: string): string {
  return name.split(" ")[0] ?? name;
}
