import type { LogLevel } from "../base/log-level.ts";
import type { InstanceReport } from "./front-report.ts";

/** What the admin interface may ask of the instance it is part of. */
export interface AdminInstance {
  /** Takes at most a few seconds: a front that does not answer is left out. */
  report(): Promise<InstanceReport>;
  /** Has the workers of an app, or of all apps, replaced; each one's replacement is ready before it leaves. False when there is no such app. */
  recycle(app: string | null): Promise<boolean>;
  /** Stops in good order, or (`isNow`) cutting what is in flight. */
  stop(isNow: boolean): void;
  /** Until the next start or reload. */
  setLogLevel(level: LogLevel): void;
}
