import type { ReloadReport } from "../../admin/reload-report.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { renderReload } from "./render-reload.ts";

/** Has a running instance run new code, and take a new configuration. */
export const reloadCommand: Command = {
  name: "reload",
  summary: "Run new code and apply a new configuration, without losing a request",
  description:
    "Reads configuration and certificates again and has new workers, or a new front, take over when they are ready; with APP only the workers of that app. Waits for it and says what became of each changed key and of each app. Exits with 1 when it is refused, with 78 when the configuration is; then everything stays as it was.",
  positionals: "[APP]",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, positionals, terminal, system }) {
    const [app = null] = positionals;
    const report = await (await instanceOf(flags, system)).reload(app);
    if (isGiven(flags, JSON_FLAG)) terminal.out(`${JSON.stringify(report, null, 2)}\n`);
    else if (report.kind === "refused") terminal.err(renderReload(report));
    else terminal.out(renderReload(report));
    return exitCodeOf(report);
  },
};

function exitCodeOf({ kind, problems }: ReloadReport): number {
  if (kind !== "refused") return EXIT_CODE.ok;
  return problems.length > 0 ? EXIT_CODE.config : EXIT_CODE.failure;
}
