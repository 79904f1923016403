import type { StartFailure } from "../workers/process/start-failure.ts";

/** What became of the workers of one app. */
export interface AppReload {
  readonly app: string;
  /** Null when a new generation serves; else why the old one stays, with the end of what a worker wrote to STDERR: for operators only. */
  readonly failure: StartFailure | null;
}

/** A key of the configuration whose value is another one now, and what was done about it. */
export interface KeyChange {
  readonly key: string;
  /**
   * `in-place`: by those that serve · `new-front`: a new front serves with it · `restart`: it stays as it was until the instance is started
   * anew · `refused`: it stays as it was, the report says why.
   */
  readonly applied: "in-place" | "new-front" | "restart" | "refused";
}

/** A mistake in the configuration, and the places that take part in it. */
export interface ReportedProblem {
  readonly problem: string;
  readonly at: readonly string[];
}

/** What a reload has done, for whoever asked for it. */
export interface ReloadReport {
  /**
   * `workers`: new ones serve, the configuration is the old one · `in-place`: so they do, and those that serve have taken the changes ·
   * `new-front`: a new front serves with new workers · `refused`: what serves is as it was, but for the changes that say otherwise.
   */
  readonly kind: "workers" | "in-place" | "new-front" | "refused";
  /** Why it was refused, in one sentence; null when it was not. */
  readonly reason: string | null;
  readonly problems: readonly ReportedProblem[];
  readonly changes: readonly KeyChange[];
  readonly apps: readonly AppReload[];
  readonly durationMs: number;
}
