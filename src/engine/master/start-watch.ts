import type { FrontReport } from "../../admin/front-report.ts";
import { VilyaError } from "../../base/errors.ts";
import type { FrontStatus } from "../front-status.ts";

/** The workers of an app do not start, and the engine was told not to go on trying. */
export class AppNotStartedError extends VilyaError {
  override readonly code = "VILYA_APP_NOT_STARTED";

  /** @param report of the front that could not serve; its app without a worker is the one. */
  constructor(report: FrontReport | null) {
    const pool = report?.pools.find(({ status }) => status.workerCount === 0);
    const end = pool?.ends[0];
    const lastWords = end?.stderr.findLast((line) => line.trim() !== "") ?? end?.error ?? "the log says why";
    const how = end === undefined || end.exitCode === null ? "" : ` with code ${end.exitCode}`;
    super(`Cannot serve app ${pool?.app ?? "default"}: its workers end${how} before they are ready (${lastWords})`);
  }
}

export interface StartWatchOptions {
  /** What the front tells of itself. */
  readonly report: () => Promise<FrontReport | null>;
  /** Ends the engine. */
  readonly giveUp: () => void;
}

/**
 * Passes on what fronts say of themselves. Where the start is needed, that begins with the first front that serves; one that says before that
 * its workers do not start has the engine given up, once, and what comes behind it is nobody's.
 */
export class StartWatch {
  readonly #options: StartWatchOptions;
  #outcome: "open" | "serves" | "failed";
  #error: AppNotStartedError | null = null;

  constructor({ needsStart = false }: { readonly needsStart?: boolean }, options: StartWatchOptions) {
    this.#outcome = needsStart ? "open" : "serves";
    this.#options = options;
  }

  /** Puts the watch before `onStatus`. */
  over(onStatus: (status: FrontStatus) => void): (status: FrontStatus) => void {
    return (status) => {
      if (this.#outcome === "open") {
        this.#outcome = status.isReady ? "serves" : "failed";
        if (this.#outcome === "failed") void this.#fail();
      }
      if (this.#outcome === "serves") onStatus(status);
    };
  }

  /** @throws {AppNotStartedError} when the engine was given up. */
  assertNotFailed(): void {
    if (this.#error !== null) throw this.#error;
  }

  async #fail(): Promise<void> {
    const { report, giveUp } = this.#options;
    this.#error = new AppNotStartedError(await report());
    giveUp();
  }
}
