import type { InstanceReport } from "../../admin/front-report.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { countOf, isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { renderStatus, renderWorkers } from "./render-report.ts";

const INTERVAL_MS = 1_000;

const COUNT_FLAG = { name: "count", value: "NUMBER", summary: "Stop after so many looks; default: never" } as const;

/** ECMA-48: the cursor goes home, and what stands behind it is cleared. */
const CLEAR_SCREEN = "\x1b[H\x1b[J";

/** Shows a running instance, again and again. */
export const topCommand: Command = {
  name: "top",
  summary: "Watch a running instance",
  description:
    "Shows the instance, its apps with their requests a second, and its workers, once a second until Ctrl-C. With --json it prints one report a line.",
  flags: [...INSTANCE_FLAGS, COUNT_FLAG, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const lookCountMax = countOf(flags, COUNT_FLAG, { min: 1, max: 999_999_999, otherwise: Infinity });
    const instance = await instanceOf(flags, system);
    const isJson = isGiven(flags, JSON_FLAG);
    let before: InstanceReport | null = null;
    for (let lookCount = 1; ; lookCount++) {
      const report = await instance.report();
      if (isJson) terminal.out(`${JSON.stringify(report)}\n`);
      else terminal.out((terminal.isScreen ? CLEAR_SCREEN : separator(before)) + renderTop(report, before));
      if (lookCount >= lookCountMax || terminal.isOutClosed) return EXIT_CODE.ok;
      before = report;
      await Bun.sleep(INTERVAL_MS);
    }
  },
};

/** In a file or a pipe one look follows the other. */
function separator(before: InstanceReport | null): string {
  return before === null ? "" : "\n";
}

/** What one look shows; rates are those since the look before, of the same fronts. */
function renderTop(report: InstanceReport, before: InstanceReport | null): string {
  return `${renderStatus(report)}${renderRates(report, before)}\n${renderWorkers(report)}`;
}

function renderRates({ front, frontGeneration, uptimeMs }: InstanceReport, before: InstanceReport | null): string {
  if (front === null || before === null || before.front === null) return "";
  if (before.frontGeneration !== frontGeneration) return "";
  const elapsedS = (uptimeMs - before.uptimeMs) / 1_000;
  const rate = (count(front) - count(before.front)) / elapsedS;
  return `  ${Math.round(rate)} requests/s, event loop at most ${front.loopDelayMs.toFixed(1)} ms late\n`;
}

function count({ exchanges }: NonNullable<InstanceReport["front"]>): number {
  return exchanges.reduce((sum, { requests }) => sum + requests.reduce((part, each) => part + each.count, 0), 0);
}
