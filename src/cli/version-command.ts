import { VERSION } from "../base/version.ts";
import type { Command } from "./command.ts";
import { EXIT_CODE } from "../base/exit-code.ts";

/** Prints the version, alone on its line. */
export const versionCommand: Command = {
  name: "version",
  summary: "Print the version",
  description: "Prints the version.",
  flags: [],
  async run({ terminal }) {
    terminal.out(`vilya ${VERSION}\n`);
    return EXIT_CODE.ok;
  },
};
