import type { LoadedConfig } from "../config/load-config.ts";
import type { ServeOptions } from "../engine/master/serve.ts";
import type { Terminal } from "./command.ts";
import { renderProblem } from "./report.ts";

/**
 * Tells what is odd about the configuration, then serves until the engine has stopped; returns its exit code.
 *
 * @param load reads the configuration; called once now, and again at each reload.
 * @throws {ConfigProblemsError} when the first reading is refused.
 */
export async function startEngine(
  load: () => LoadedConfig,
  terminal: Terminal,
  asked: ServeOptions = {},
): Promise<number> {
  const loaded = load();
  for (const warning of loaded.warnings) terminal.err(renderProblem("warning", warning));
  // Loaded here and not above: the other commands answer without the engine's start-up time.
  const { serve } = await import("../engine/master/serve.ts");
  return serve(loaded, load, asked);
}
