import { configJsonSchema } from "../../config/description/json-schema.ts";
import type { Command } from "../command.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";

/** Prints what editors complete and check the file with. */
export const configSchemaCommand: Command = {
  name: "config schema",
  summary: "Print the JSON Schema of the configuration file",
  description:
    "Prints the JSON Schema of the file for editors. The first line of a file may name it: # yaml-language-server: $schema=PATH",
  flags: [],
  async run({ terminal }) {
    terminal.out(`${JSON.stringify(configJsonSchema(), null, 2)}\n`);
    return EXIT_CODE.ok;
  },
};
