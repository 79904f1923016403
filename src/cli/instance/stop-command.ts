import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";

const NOW_FLAG = { name: "now", summary: "Cut off what is in flight" } as const;

/** Stops a running instance. */
export const stopCommand: Command = {
  name: "stop",
  summary: "Stop a running instance in good order",
  description:
    "Asks the instance to stop as SIGTERM would, and returns at once: requests in flight are finished within server.grace_timeout. With --now they are cut off.",
  flags: [...INSTANCE_FLAGS, NOW_FLAG, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const isNow = isGiven(flags, NOW_FLAG);
    await (await instanceOf(flags, system)).stop(isNow);
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify({ stopping: true, now: isNow })}\n` : "stopping\n");
    return EXIT_CODE.ok;
  },
};
