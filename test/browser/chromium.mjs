import { chromium } from "playwright-core";

import { say } from "../../scripts/lib/report.mjs";
import { ensureProgram, howToInstall } from "../../scripts/lib/system-packages.mjs";

/**
 * Starts the system's Chromium, which is installed first where that is possible.
 * @returns {Promise<import("playwright-core").Browser | null>} null where there is none; that has been said.
 */
export async function launchChromium() {
  if (await ensureProgram("chromium")) {
    return chromium.launch({ executablePath: Bun.which("chromium") ?? "", args: ["--no-sandbox", "--disable-gpu"] });
  }
  say(`Skipped, because there is no Chromium and none could be installed: ${howToInstall("chromium")}`);
  return null;
}
