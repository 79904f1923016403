import type { Command } from "./command.ts";
import { UsageError } from "./usage-error.ts";

/** The library for TypeScript apps, where it is part of the executable. */
export const workerCommand: Command = {
  name: "__worker",
  summary: "A worker that runs a module, started by the front",
  description: "Serves the default export of a module on a front's socket. Only a front can start it.",
  positionals: "ENTRY",
  flags: [
    { name: "sock", value: "PATH", summary: "The front's socket" },
    { name: "max-requests", value: "N", summary: "Has no effect: the front counts" },
  ],
  async run({ flags, positionals: [entry] }) {
    const socketPath = flags.find(({ name }) => name === "sock")?.value;
    if (entry === undefined || socketPath === undefined) {
      throw new UsageError("Cannot run a worker: it has no socket, only `vilya serve` starts one", "try: vilya serve");
    }
    const { runModule } = await import("../../sdk/typescript/src/run-module.ts");
    return runModule(entry, socketPath);
  },
};
