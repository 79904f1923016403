import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { renderStatus } from "./render-report.ts";

/** Shows a running instance. */
export const statusCommand: Command = {
  name: "status",
  summary: "Show what a running instance does",
  description:
    "Shows whether the instance is ready, its listeners and its apps. Asks it over its control socket, as its user; needs neither port nor token. Exits with 1 when none is found.",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const report = await (await instanceOf(flags, system)).report();
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify(report, null, 2)}\n` : renderStatus(report));
    return EXIT_CODE.ok;
  },
};
