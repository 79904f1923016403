import { escapeUnprintable } from "../../base/printable.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { countOf, isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";

const FOLLOW_FLAG = { name: "follow", short: "f", summary: "Go on with what comes, until Ctrl-C" } as const;
const LINE_COUNTS = { min: 0, max: 500, otherwise: 100 } as const;
const LINES_FLAG = {
  name: "lines",
  value: "NUMBER",
  summary: `How many of the last lines, at most ${LINE_COUNTS.max}; default: ${LINE_COUNTS.otherwise}`,
} as const;

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
    const lineCount = countOf(flags, LINES_FLAG, LINE_COUNTS);
    const instance = await instanceOf(flags, system);
    const isJson = isGiven(flags, JSON_FLAG);
    await instance.readLog({
      lineCount,
      isFollowed: isGiven(flags, FOLLOW_FLAG),
      onLine: (line) => {
        terminal.out(isJson ? `${line}\n` : renderRecord(line));
        return !terminal.isOutClosed;
      },
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
