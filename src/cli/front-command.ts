import type { Command } from "./command.ts";

/** The front's process: the master starts it with descriptors and a configuration that no person could hand over. */
export const frontCommand: Command = {
  name: "__front",
  summary: "The front role, started by the master",
  description: "Serves HTTP on inherited listeners. Only the master can start it.",
  flags: [],
  async run() {
    const { frontMain } = await import("../engine/front/front-main.ts");
    return frontMain();
  },
};
