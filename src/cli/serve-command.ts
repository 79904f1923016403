import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import type { Command } from "./command.ts";
import { CONFIG_FLAGS, requestOf } from "./config-flags.ts";
import { renderProblem } from "./report.ts";

/** Starts the engine and stays until it has stopped. */
export const serveCommand: Command = {
  name: "serve",
  summary: "Serve HTTP with the configured application",
  description:
    "Starts the engine and stays in the foreground. SIGTERM and SIGINT stop it in good order, a second one at once.",
  flags: CONFIG_FLAGS,
  async run({ flags, terminal, system }) {
    const load = (): LoadedConfig => loadConfig(requestOf(flags), system);
    const loaded = load();
    for (const warning of loaded.warnings) terminal.err(renderProblem("warning", warning));
    // Loaded here and not above: the other commands answer without the engine's start-up time.
    const { serve } = await import("../engine/serve.ts");
    return serve(loaded, load);
  },
};
