import type { AdminInstance } from "../../admin/admin-instance.ts";
import type { InstanceReport } from "../../admin/front-report.ts";
import type { ReloadReport } from "../../admin/reload-report.ts";
import type { UpgradeReport } from "../../admin/upgrade-report.ts";
import type { LogLevel } from "../../base/log-level.ts";
import { VERSION } from "../../base/version.ts";
import type { Config } from "../../config/config.ts";
import type { Log } from "../../telemetry/log.ts";
import type { PoolSize } from "../../workers/scaling/scaler.ts";
import type { FrontFactory } from "./front-factory.ts";
import type { FrontGroup } from "./front-group.ts";
import type { StopUrgency } from "./front-supervisor.ts";
import { refusedUpgrade } from "../handover/handover-giver.ts";
import type { Reloader } from "./reloader.ts";

export interface MasterInstanceOptions {
  readonly config: Config;
  readonly fronts: FrontGroup;
  readonly factory: Pick<FrontFactory, "isDrained">;
  readonly reloader: Reloader;
  readonly upgrade: () => Promise<UpgradeReport>;
  readonly log: Log;
  /** As a signal would ask for it. */
  readonly stop: (urgency: StopUrgency) => void;
}

/** The instance as its master answers for it. */
export class MasterInstance implements AdminInstance {
  readonly #options: MasterInstanceOptions;
  #isStopping = false;

  constructor(options: MasterInstanceOptions) {
    this.#options = options;
  }

  async report(): Promise<InstanceReport> {
    const { config, fronts } = this.#options;
    const { generation, front, fronts: summaries } = await fronts.report();
    return {
      name: config.name,
      version: VERSION,
      configFile: config.file,
      masterPid: process.pid,
      masterResidentBytes: process.memoryUsage.rss(),
      uptimeMs: performance.now(),
      isStopping: this.#isStopping,
      isDrained: this.#options.factory.isDrained,
      frontDeathCount: fronts.deathCount,
      frontGeneration: generation,
      front,
      fronts: summaries,
    };
  }

  async recycle(app: string | null): Promise<boolean> {
    const { fronts, log } = this.#options;
    const { front } = await fronts.report();
    if (app !== null && front?.pools.some((pool) => pool.app === app) !== true) return false;
    log.info("recycling workers", { app });
    fronts.recycleWorkers(app);
    return true;
  }

  async reload(app: string | null): Promise<ReloadReport | null> {
    const { reloader, log } = this.#options;
    if (app !== null && !reloader.apps.includes(app)) return null;
    log.info("reloading", { app, reason: "asked by an operator" });
    return reloader.reload(app);
  }

  async scale(app: string, workerCount: number): Promise<PoolSize | null> {
    const { reloader } = this.#options;
    return reloader.apps.includes(app) ? reloader.scale(app, workerCount) : null;
  }

  drain(isDrained: boolean): void {
    const { factory, fronts, log } = this.#options;
    factory.isDrained = isDrained;
    fronts.drain(isDrained);
    log.info(isDrained ? "drained" : "no longer drained", { reason: "asked by an operator" });
  }

  upgrade(): Promise<UpgradeReport> {
    if (this.#isStopping) return Promise.resolve(refusedUpgrade("Cannot upgrade: the engine is stopping"));
    this.#options.log.info("upgrading", { reason: "asked by an operator" });
    return this.#options.upgrade();
  }

  stop(isNow: boolean): void {
    this.noteStopping();
    const urgency = isNow ? "now" : "graceful";
    this.#options.log.info("stopping", { urgency, reason: "asked by an operator" });
    this.#options.stop(urgency);
  }

  /** From the first moment of a stop on. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** From now on it is not ready, whatever its front says. */
  noteStopping(): void {
    this.#isStopping = true;
  }

  setLogLevel(level: LogLevel): void {
    const { fronts, log } = this.#options;
    log.level = level;
    fronts.setLogLevel(level);
    log.info("log level set", { level });
  }
}
