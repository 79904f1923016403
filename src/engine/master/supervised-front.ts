import type { AppReload } from "../../admin/reload-report.ts";
import { VilyaError } from "../../base/errors.ts";
import type { FrontProcess } from "../front/front-process.ts";
import type { FrontStatus } from "../front-status.ts";

/** A front could not be replaced; the one before it serves on. */
export class FrontReplacementError extends VilyaError {
  override readonly code = "VILYA_FRONT_NOT_REPLACED";

  /** Those whose workers did not start. */
  readonly apps: readonly AppReload[];

  constructor(reason: string, apps: readonly AppReload[] = []) {
    super(`Cannot replace the front: ${reason}; the old one stays`);
    this.apps = apps;
  }
}

/** A front's process, as far as its supervisor looks at it. */
export type SupervisedFront = Pick<
  FrontProcess,
  | "pid"
  | "prepared"
  | "started"
  | "exited"
  | "isServing"
  | "acceptFor"
  | "relayAddress"
  | "setPeers"
  | "stop"
  | "handOver"
  | "kill"
  | "recycleWorkers"
  | "reloadWorkers"
  | "resizePools"
  | "reopenLogs"
  | "drain"
  | "refreshPages"
  | "report"
  | "setLogLevel"
>;

/** Who hears of a front, from its spawn to its exit. */
export interface FrontWatcher {
  onStatus(status: FrontStatus): void;
  /** Its `isServing` has become another. */
  onStanding(): void;
}

/** Starts a front; `generation` counts them from 1. May throw. A successor accepts nothing before it is told to. */
export type SpawnFront = (generation: number, role: "first" | "successor", watcher: FrontWatcher) => SupervisedFront;

/** A front of another configuration, and how long it may take until it serves. */
export interface SuccessorOptions {
  readonly spawn: SpawnFront;
  readonly stopTimeoutMs: number;
  readonly startTimeoutMs: number;
}

/** A front that is ready to take the place of another. Exactly one of `succeed`, behind `accept`, and `abandon` ends it. */
export interface Succession {
  /** Has it accept, beside the one that serves. @throws {FrontReplacementError} when it does not. */
  accept(): Promise<void>;
  /** It is the one that serves from now on. Resolves when the one before it accepts nothing more. */
  succeed(): Promise<void>;
  /** It leaves: at once, or when it has finished what it has accepted. Resolves when it accepts nothing more. */
  abandon(): Promise<void>;
}
