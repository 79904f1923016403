import type { Config } from "../config/config.ts";
import type { AccessLogConfig } from "../config/logging-config.ts";
import type { AccessPart } from "../config/types/access-format.ts";
import { EVERY_REQUEST } from "../config/resolve/every-request.ts";
import { type LoadedConfig, loadConfig } from "../config/load-config.ts";
import type { Command } from "./command.ts";
import { CONFIG_FLAGS, requestOf } from "./config-flags.ts";
import { startEngine } from "./start-engine.ts";

const variable = (name: Exclude<AccessPart, string>["variable"]): AccessPart => ({ variable: name, header: null });

/** `GET /users?page=2 200 12.3 ms php`. */
const REQUEST_LINE: readonly AccessPart[] = [
  variable("method"),
  " ",
  variable("target"),
  " ",
  variable("status"),
  " ",
  variable("duration-ms"),
  " ms ",
  variable("app"),
];

/** A line for every request, where the configuration has no access log of its own. */
const REQUEST_LOG: AccessLogConfig = {
  ...EVERY_REQUEST,
  file: null,
  format: REQUEST_LINE,
  exceptPaths: ["/.vilya/*"],
};

/** Serves while people write: what they save serves at once, and what goes wrong is shown where they look. */
export const devCommand: Command = {
  name: "dev",
  summary: "Serve, and follow what is changed on disk",
  description:
    "Serves like serve, reloads the app whose files change, has pages in browsers load again, shows errors there with their sources, and prints a line for every request. For machines of developers: it shows source code.",
  flags: CONFIG_FLAGS,
  async run({ flags, terminal, system }) {
    const load = (): LoadedConfig => {
      const loaded = loadConfig(requestOf(flags), system);
      return { ...loaded, config: forDevelopment(loaded.config) };
    };
    return startEngine(load, terminal);
  },
};

function forDevelopment(config: Config): Config {
  const { logging } = config;
  const accessLogs = logging.accessLogs.length === 0 ? [REQUEST_LOG] : logging.accessLogs;
  return { ...config, isDevelopment: true, logging: { ...logging, accessLogs } };
}
