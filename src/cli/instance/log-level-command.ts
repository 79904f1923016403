import { LOG_LEVELS } from "../../base/log-level.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";
import { quote } from "../../base/printable.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { UsageError } from "../usage-error.ts";

/** Changes how much a running instance logs. */
export const logLevelCommand: Command = {
  name: "log-level",
  summary: "Set how much a running instance logs",
  description: `Sets the level of the instance's own log (${LOG_LEVELS.join(", ")}) until its next start. A front that is replaced begins with logging.level.`,
  positionals: "LEVEL",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, positionals, terminal, system }) {
    const [level] = positionals;
    if (level === undefined || !LOG_LEVELS.some((each) => each === level)) {
      const state = level === undefined ? "none is given" : `it is ${quote(level)}`;
      throw new UsageError(
        `Cannot set the log level: ${state}, one of ${LOG_LEVELS.join(", ")} is allowed`,
        "try: vilya log-level debug",
      );
    }
    await (await instanceOf(flags, system)).setLogLevel(level);
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify({ level })}\n` : `log level ${level}\n`);
    return EXIT_CODE.ok;
  },
};
