import { EXIT_CODE } from "../../base/exit-code.ts";
import type { Command } from "../command.ts";
import { isGiven } from "../given-flags.ts";
import { INSTANCE_FLAGS, instanceOf, JSON_FLAG } from "./instance-flags.ts";
import { renderUpgrade } from "./render-reload.ts";

/** Has another version of Vilya take over from the one that runs. */
export const upgradeCommand: Command = {
  name: "upgrade",
  summary: "Have the version of Vilya that is on the disk now take over, without losing a request",
  description:
    "Starts the program anew, as the instance was started. The new master takes the listening sockets; when it serves, the old one finishes what it has and exits. Waits for it. Exits with 1 when it is refused; then everything stays as it was.",
  flags: [...INSTANCE_FLAGS, JSON_FLAG],
  async run({ flags, terminal, system }) {
    const report = await (await instanceOf(flags, system)).upgrade();
    const isUpgraded = report.kind === "upgraded";
    if (isGiven(flags, JSON_FLAG)) terminal.out(`${JSON.stringify(report, null, 2)}\n`);
    else if (isUpgraded) terminal.out(renderUpgrade(report));
    else terminal.err(renderUpgrade(report));
    return isUpgraded ? EXIT_CODE.ok : EXIT_CODE.failure;
  },
};
