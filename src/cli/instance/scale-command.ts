import { EXIT_CODE } from "../../base/exit-code.ts";
import { quote } from "../../base/printable.ts";
import { WORKER_COUNT_RANGE } from "../../config/options/worker-options.ts";
import type { Command } from "../command.ts";
import { isGiven, wholeNumber } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { UsageError } from "../usage-error.ts";

/** Gives an app of a running instance another number of workers. */
export const scaleCommand: Command = {
  name: "scale",
  summary: "Give an app of a running instance another number of workers",
  description: `Starts or retires workers until the app has NUMBER (${WORKER_COUNT_RANGE.min} to ${WORKER_COUNT_RANGE.max}). It holds until the next start, or a reload of the configuration. A pool with min_workers below max_workers moves them where NUMBER is beyond them, and scales on between them.`,
  positionals: "APP NUMBER",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, positionals, terminal, system }) {
    const [app, number] = positionals;
    const count = wholeNumber(number ?? "");
    const { min, max } = WORKER_COUNT_RANGE;
    if (app === undefined || !(count >= min && count <= max)) {
      const state =
        number === undefined ? "no number of workers is given" : `the number of workers is ${quote(number)}`;
      throw new UsageError(
        `Cannot scale ${app === undefined ? "an app" : quote(app)}: ${state}, ${min} to ${max} is allowed`,
        `try: vilya scale ${app ?? "default"} 8`,
      );
    }
    const size = await (await instanceOf(flags, system)).scale(app, count);
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify(size)}\n` : `${app}: ${count} workers\n`);
    return EXIT_CODE.ok;
  },
};
