import { loadConfig } from "../config/load-config.ts";
import type { Command } from "./command.ts";
import { CONFIG_FLAGS, requestOf } from "./config-flags.ts";
import { startEngine } from "./start-engine.ts";

/** Starts the engine and stays until it has stopped. */
export const serveCommand: Command = {
  name: "serve",
  summary: "Serve HTTP with the configured application",
  description:
    "Starts the engine and stays in the foreground. SIGTERM and SIGINT stop it in good order, a second one at once.",
  flags: CONFIG_FLAGS,
  async run({ flags, terminal, system }) {
    return startEngine(() => loadConfig(requestOf(flags), system), terminal);
  },
};
