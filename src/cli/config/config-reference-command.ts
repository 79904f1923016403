import { renderReferencePage } from "../../config/description/reference-page.ts";
import type { Command } from "../command.ts";
import { EXIT_CODE } from "../../base/exit-code.ts";

/** Prints the reference of this very version. */
export const configReferenceCommand: Command = {
  name: "config reference",
  summary: "Print the reference of all options as Markdown",
  description: "Prints every option with its meaning, range, default, variable and flag, as Markdown.",
  flags: [],
  async run({ terminal }) {
    terminal.out(renderReferencePage());
    return EXIT_CODE.ok;
  },
};
