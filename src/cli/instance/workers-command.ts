import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { renderWorkers } from "./render-report.ts";

/** Shows the workers of a running instance. */
export const workersCommand: Command = {
  name: "workers",
  summary: "List the workers of a running instance",
  description:
    "Lists every worker with its process id, state, the requests it has served, how long it has been at the one it runs, and its memory.",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const report = await (await instanceOf(flags, system)).report();
    const workers = (report.front?.pools ?? []).flatMap((pool) =>
      pool.workers.map((each) => ({ app: pool.app, ...each })),
    );
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify(workers, null, 2)}\n` : renderWorkers(report));
    return EXIT_CODE.ok;
  },
};
