import { writeSync } from "node:fs";

import { VERSION } from "../../base/version.ts";
import type { Config } from "../../config/config.ts";
import type { FrontStatus } from "../front-status.ts";
import type { OpenListeners } from "../listeners/open-listeners.ts";
import { renderServing } from "./serving-text.ts";

/** Tells whoever started the engine on STDOUT, once, that it serves; and before that, once, if its workers do not start. */
export function createAnnouncer(config: Config, { sockets }: OpenListeners): (status: FrontStatus) => void {
  let announced: "nothing" | "not ready" | "serving" = "nothing";
  return ({ isReady }) => {
    if (announced === "serving" || (announced === "not ready" && !isReady)) return;
    announced = isReady ? "serving" : "not ready";
    const text = renderServing({ version: VERSION, config, addresses: sockets.map(({ address }) => address), isReady });
    try {
      writeSync(1, text);
    } catch {
      // Nobody reads STDOUT; the log says the same.
    }
  };
}
