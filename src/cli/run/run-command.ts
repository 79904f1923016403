import { type LoadedConfig, loadConfig } from "../../config/load-config.ts";
import type { Command } from "../command.ts";
import { renderProblem } from "../report.ts";
import { startEngine } from "../start-engine.ts";
import { OPTION_FLAGS, PLACE_FLAGS } from "./run-flags.ts";
import { runRequest } from "./run-request.ts";

/** Serves a Python application without a configuration file, as a user of uvicorn would type it. */
export const runCommand: Command = {
  name: "run",
  summary: "Serve a Python application, without a configuration file",
  description:
    "Serves an ASGI or WSGI application with flags named as uvicorn has them. Ends with 1 when the application does not start; with --reload it waits for a change. What has no flag is set with -o; what grows belongs into vilya.yaml.",
  positionals: "APP",
  flags: [
    ...PLACE_FLAGS,
    { name: "reload", summary: "Run new code as soon as a file changes, as vilya dev does" },
    { name: "factory", summary: "APP is a function that makes the application" },
    { name: "env-file", value: "FILE", summary: "Environment variables for the application" },
    { name: "access-log", summary: "A line for every request on STDOUT, as by default" },
    { name: "no-access-log", summary: "No lines for requests" },
    ...OPTION_FLAGS,
    { name: "option", short: "o", value: "KEY=VALUE", summary: "Set any option; may be repeated" },
  ],
  async run({ flags, positionals, terminal, system }) {
    const isDevelopment = flags.some(({ name }) => name === "reload");
    const load = (): LoadedConfig => {
      const loaded = loadConfig(runRequest(positionals[0], flags), system);
      return { ...loaded, config: { ...loaded.config, isDevelopment } };
    };
    for (const { name, ignored } of OPTION_FLAGS) {
      if (ignored === undefined || flags.every((flag) => flag.name !== name)) continue;
      terminal.err(
        renderProblem("warning", { message: `--${name} has no effect: ${ignored}`, origins: [], hint: null }),
      );
    }
    // What does not start is mended and typed again; with --reload the next change of a file may mend it.
    return startEngine(load, terminal, { needsStart: !isDevelopment });
  },
};
