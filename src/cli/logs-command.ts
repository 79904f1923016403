import { escapeUnprintable } from "../base/printable.ts";
import { EXIT_CODE } from "../base/exit-code.ts";
import type { Command } from "./command.ts";
import { INSTANCE_FLAGS, instanceOf, isGiven, JSON_FLAG } from "./instance-flags.ts";
import { UsageError } from "./usage-error.ts";

const FOLLOW_FLAG = { name: "follow", short: "f", summary: "Go on with what comes, until Ctrl-C" } as const;
const LINES_FLAG = {
  name: "lines",
  value: "NUMBER",
  summary: "How many of the last lines, at most 500; default: 100",
} as const;

const LINE_COUNT_DEFAULT = 100;
const LINE_COUNT_MAX = 500;

/** The fields that come first, without their names. */
const LEADING = new Set(["time", "level", "event"]);

/** Shows the end of the log of a running instance. */
export const logsCommand: Command = {
  name: "logs",
  summary: "Show the end of the log of a running instance",
  description:
    "Shows the last lines of the instance's log (its processes' events and what workers print), wherever its STDERR goes; with -f also what comes. With --json it prints one object a line.",
  flags: [...INSTANCE_FLAGS, FOLLOW_FLAG, LINES_FLAG, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const lineCount = readCount(flags.findLast(({ name }) => name === LINES_FLAG.name)?.value);
    const instance = await instanceOf(flags, system);
    const isJson = isGiven(flags, JSON_FLAG);
    await instance.readLog({
      lineCount,
      isFollowed: isGiven(flags, FOLLOW_FLAG),
      onLine: (line) => terminal.out(isJson ? `${line}\n` : renderRecord(line)),
    });
    return EXIT_CODE.ok;
  },
};

/** A JSON line of the log as people read it, with its line end. */
export function renderRecord(line: string): string {
  const record = JSON.parse(line) as Readonly<Record<string, unknown>>;
  const fields = Object.entries(record)
    .filter(([name]) => !LEADING.has(name))
    .map(([name, value]) => ` ${name}=${renderValue(value)}`);
  const level = String(record["level"]).padEnd(5);
  return `${escapeUnprintable(`${String(record["time"])} ${level} ${String(record["event"])}${fields.join("")}`)}\n`;
}

function renderValue(value: unknown): string {
  return typeof value === "string" && /^[!#-~]+$/.test(value) ? value : JSON.stringify(value);
}

function readCount(text: string | undefined): number {
  if (text === undefined) return LINE_COUNT_DEFAULT;
  if (/^\d{1,3}$/.test(text) && Number(text) <= LINE_COUNT_MAX) return Number(text);
  throw new UsageError(
    `Cannot use --lines: a whole number from 0 to ${LINE_COUNT_MAX} is allowed`,
    "try: vilya logs --lines 20",
  );
}
