import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";

const OFF_FLAG = { name: "off", summary: "Put it back into service" } as const;

/** Takes a running instance out of service, or puts it back. */
export const drainCommand: Command = {
  name: "drain",
  summary: "Have load balancers send requests elsewhere, or here again",
  description:
    "Has the instance say that it is not ready, by its readiness and its health path, while it serves whoever comes: load balancers send requests elsewhere. Until it is ended by --off, or the next start or upgrade.",
  flags: [...INSTANCE_FLAGS, OFF_FLAG, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const isDrained = !isGiven(flags, OFF_FLAG);
    await (await instanceOf(flags, system)).drain(isDrained);
    const told = isDrained ? "drained: it serves on, and says that it is not ready\n" : "no longer drained\n";
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify({ drained: isDrained })}\n` : told);
    return EXIT_CODE.ok;
  },
};
