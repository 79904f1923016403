import { readinessOf } from "../../admin/readiness.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";

/** Tells by its exit code whether a running instance serves. */
export const readyCommand: Command = {
  name: "ready",
  summary: "Tell by the exit code whether a running instance serves every app",
  description:
    "Exits with 0 while every app has a worker that is ready, with 1 otherwise: before that, from the first moment of a stop on, and when there is no instance. For probes that run a command.",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const { isReady, apps } = readinessOf(await (await instanceOf(flags, system)).report());
    const status = isReady ? "ready" : "not ready";
    terminal.out(isGiven(flags, JSON_FLAG) ? `${JSON.stringify({ status, apps })}\n` : `${status}\n`);
    return isReady ? EXIT_CODE.ok : EXIT_CODE.failure;
  },
};
