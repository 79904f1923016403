import { loadConfig } from "../../config/load-config.ts";
import { readListenerCredentials } from "../../engine/listeners/tls-files.ts";
import type { Command } from "../command.ts";
import { CONFIG_FLAGS, requestOf } from "../config-flags.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";
import { renderProblem } from "../report.ts";

/** Says whether a start with the same flags and environment would be refused. */
export const configCheckCommand: Command = {
  name: "config check",
  summary: "Report every problem of the configuration",
  description:
    "Reads the configuration as serve would, and prints ok or every problem with its place. Nothing is started. Exits with 78 when there is a problem.",
  flags: CONFIG_FLAGS,
  async run({ flags, terminal, system }) {
    const { config, warnings } = loadConfig(requestOf(flags), system);
    for (const warning of warnings) terminal.err(renderProblem("warning", warning));
    // What only the TLS library can tell: ciphers that it does not know, keys that it does not take.
    readListenerCredentials(config.server.listeners);
    terminal.out("ok\n");
    return EXIT_CODE.ok;
  },
};
