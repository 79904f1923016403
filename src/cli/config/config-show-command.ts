import { explainSettings, renderExplanation } from "../../config/description/explain.ts";
import { loadConfig } from "../../config/load-config.ts";
import type { Command } from "../command.ts";
import { CONFIG_FLAGS, requestOf } from "../config-flags.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";

/** Prints what is in effect, and why. */
export const configShowCommand: Command = {
  name: "config show",
  summary: "Print the effective configuration and where each value comes from",
  description:
    "Prints every option with its effective value and its origin: default, a place in the file, env NAME or flag --NAME. Values of php.env are not shown.",
  flags: [...CONFIG_FLAGS, { name: "json", summary: "Print one JSON object for tools" }],
  async run({ flags, terminal, system }) {
    const { config, settings } = loadConfig(requestOf(flags), system);
    const explained = explainSettings(settings);
    if (flags.some(({ name }) => name === "json")) {
      const values = explained.map(({ key, value, origin }) => [key, { value, origin }] as const);
      terminal.out(`${JSON.stringify({ file: config.file, settings: Object.fromEntries(values) }, null, 2)}\n`);
    } else {
      terminal.out(renderExplanation(explained));
    }
    return EXIT_CODE.ok;
  },
};
