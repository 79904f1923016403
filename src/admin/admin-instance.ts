import type { LogLevel } from "../base/log-level.ts";
import type { PoolSize } from "../workers/scaling/scaler.ts";
import type { InstanceReport } from "./front-report.ts";
import type { ReloadReport } from "./reload-report.ts";
import type { UpgradeReport } from "./upgrade-report.ts";

/** What the admin interface may ask of the instance it is part of. */
export interface AdminInstance {
  /** Takes at most a few seconds: a front that does not answer is left out. */
  report(): Promise<InstanceReport>;
  /** Has the workers of an app, or of all apps, replaced; each one's replacement is ready before it leaves. False when there is no such app. */
  recycle(app: string | null): Promise<boolean>;
  /**
   * Has new workers serve an app, or, with the configuration and the certificates, all of them; takes as long as their starts. Null when there
   * is no such app.
   */
  reload(app: string | null): Promise<ReloadReport | null>;
  /** Gives an app another number of workers, until the next start or reload of the configuration. Null when there is no such app. */
  scale(app: string, workerCount: number): Promise<PoolSize | null>;
  /**
   * Says not to be ready, and serves on: load balancers send requests elsewhere. Or ends that. Until the next start or upgrade.
   */
  drain(isDrained: boolean): void;
  /** Has the version of the program that is on the disk now take over. */
  upgrade(): Promise<UpgradeReport>;
  /** Stops in good order, or (`isNow`) cutting what is in flight. */
  stop(isNow: boolean): void;
  /** Until the next start; a front that is replaced begins with the level of the configuration. */
  setLogLevel(level: LogLevel): void;
}
