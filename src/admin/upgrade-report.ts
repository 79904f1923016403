import type { AppReload } from "./reload-report.ts";

/** What an upgrade has done, for whoever asked for it. */
export interface UpgradeReport {
  /** `upgraded`: another master serves, this one finishes what it has · `refused`: everything is as it was. */
  readonly kind: "upgraded" | "refused";
  /** Of the program that serves now; null when nothing has changed. */
  readonly version: string | null;
  /** The new master's; null when nothing has changed. */
  readonly masterPid: number | null;
  /** Why it was refused, in one sentence; null when it was not. */
  readonly reason: string | null;
  /** Apps whose workers did not start under the new master, with the end of their STDERR. */
  readonly apps: readonly AppReload[];
  readonly durationMs: number;
}
