import { writeSync } from "node:fs";

import { VERSION } from "../../base/version.ts";
import type { Config } from "../../config/config.ts";
import type { FrontStatus } from "../front-status.ts";
import type { OpenListeners } from "../listeners/open-listeners.ts";
import { renderServing } from "./serving-text.ts";

/**
 * Tells whoever started the engine on STDOUT that it serves and where: once, and again when a reload has changed the addresses; and before
 * that, once, if its workers do not start.
 */
export class Announcer {
  readonly #listeners: OpenListeners;
  #config: Config;
  #announced: "nothing" | "not ready" | "serving" = "nothing";
  #addresses = "";

  constructor(config: Config, listeners: OpenListeners) {
    this.#config = config;
    this.#listeners = listeners;
  }

  onStatus({ isReady }: FrontStatus): void {
    if (this.#announced === "serving" || (this.#announced === "not ready" && !isReady)) return;
    this.#announce(isReady);
  }

  /** @param config what serves now. */
  onReloaded(config: Config): void {
    this.#config = config;
    if (this.#announced === "serving" && this.#addresses !== this.#currentAddresses) this.#announce(true);
  }

  get #currentAddresses(): string {
    return JSON.stringify(this.#listeners.sockets.map(({ address }) => address));
  }

  #announce(isReady: boolean): void {
    this.#announced = isReady ? "serving" : "not ready";
    this.#addresses = this.#currentAddresses;
    const addresses = this.#listeners.sockets.map(({ address }) => address);
    try {
      writeSync(1, renderServing({ version: VERSION, config: this.#config, addresses, isReady }));
    } catch {
      // Nobody reads STDOUT; the log says the same.
    }
  }
}
