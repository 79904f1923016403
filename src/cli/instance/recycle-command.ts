import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";

/** Replaces the workers of a running instance. */
export const recycleCommand: Command = {
  name: "recycle",
  summary: "Replace the workers of a running instance, without losing a request",
  description:
    "Has every worker replaced, of one app or of all, some at a time: each one's replacement is ready before it leaves. Returns when the instance has begun.",
  positionals: "[APP]",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, positionals, terminal, system }) {
    const [app = null] = positionals;
    await (await instanceOf(flags, system)).recycle(app);
    const told = app === null ? "recycling all workers\n" : `recycling the workers of ${app}\n`;
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify({ recycling: app ?? "all" })}\n` : told);
    return EXIT_CODE.ok;
  },
};
