import type { Config } from "../../config/config.ts";
import type { Dispatch } from "../../http/exchange.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { developDispatch } from "./develop-dispatch.ts";
import { LivePages } from "./live-pages.ts";
import { LogMemory, TappedLog } from "./log-tap.ts";
import { planWatch } from "./watch-plan.ts";

/** What a front has beside everything else while its apps are developed. */
export class FrontDevelopment {
  readonly pages: LivePages = new LivePages();
  readonly #memory = new LogMemory();
  readonly #folders: readonly string[];

  constructor(config: Config) {
    this.#folders = planWatch(config).map(({ path }) => path);
  }

  /** A log from which error pages take what they show. */
  tap(log: Logger): Logger {
    return new TappedLog(log, this.#memory);
  }

  over(dispatch: Dispatch): Dispatch {
    return developDispatch(dispatch, { pages: this.pages, memory: this.#memory, folders: this.#folders });
  }
}
