import type { InstanceReport } from "./front-report.ts";

/** Whether requests are served: of each app, and of all. */
export interface Readiness {
  /** False from the first moment of a stop on, while it is drained, and while no front answers. */
  readonly isReady: boolean;
  readonly apps: Readonly<Record<string, boolean>>;
}

/** Judges what an instance tells of itself. */
export function readinessOf({ front, isStopping, isDrained }: InstanceReport): Readiness {
  const apps = Object.fromEntries(front?.pools.map(({ app, status }) => [app, status.workerCount > 0]) ?? []);
  return { isReady: front?.isReady === true && !isStopping && !isDrained && Object.values(apps).every(Boolean), apps };
}
