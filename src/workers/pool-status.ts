import type { DurationCounts } from "../telemetry/duration-histogram.ts";
import type { RecycleReason } from "./scaling/recycling.ts";
import type { Refusal } from "./calls/overflow-queue.ts";
import type { WorkerState } from "./worker.ts";
import type { LeaveReason } from "./worker-context.ts";

/** What workers are ended for. */
type FaultyEnd = Extract<LeaveReason, "request-timeout" | "cancel-ignored" | "unresponsive">;

/** What has happened in a pool since it was made. Counts only grow. */
export interface PoolCounters {
  /** Answers handed to calls, those with an error included. */
  servedCount: number;
  /** Answers in which the worker reported an error. */
  errorCount: number;
  /** Calls that were lost with their worker. */
  lostCount: number;
  /** Calls that ran longer than the request timeout. */
  timedOutCount: number;
  /** Calls whose client left, before or while they ran. */
  abandonedCount: number;
  /** Calls over the frame limit. */
  tooLargeCount: number;
  /** Calls that need what the app's workers have not. */
  unsupportedCount: number;
  /** Calls that ended without a worker, by reason. */
  readonly refusedCounts: Record<Refusal, number>;
  /** Worker processes started. */
  spawnedCount: number;
  /** Starts that did not lead to a ready worker. */
  startFailedCount: number;
  /** Workers that died while they ran a call, broke their protocol, or ended with anything but success. */
  crashedCount: number;
  /** Times that the loop of a worker was found blocked. */
  blockedCount: number;
  /** Workers that left by themselves in good order, as the first SDK does after 30 s without a request. */
  leftCount: number;
  /** Healthy workers replaced, by reason. */
  readonly recycledCounts: Record<RecycleReason, number>;
  /** Workers retired because there was nothing to do. */
  scaledDownCount: number;
  /** Workers ended for what they did with a request, by reason. */
  readonly endedCounts: Record<FaultyEnd, number>;
}

/** A pool at one moment. */
export interface PoolStatus {
  /**
   * `starting` until the first worker is ready · `ready` while one is · `degraded` while none is, but one is expected ·
   * `unavailable` while starts keep failing · `stopping` · `stopped`.
   */
  readonly state: "starting" | "ready" | "degraded" | "unavailable" | "stopping" | "stopped";
  /** Workers that are ready. */
  readonly workerCount: number;
  /** Workers that run a call, those on their way out included. */
  readonly busyCount: number;
  readonly startingCount: number;
  /** Workers on their way out. */
  readonly leavingCount: number;
  /** Workers the pool should have. */
  readonly desiredCount: number;
  /** Calls that have not begun, those written ahead to a busy worker included. */
  readonly waitingCount: number;
  /** Of these, the calls written ahead. */
  readonly aheadCount: number;
  readonly counters: PoolCounters;
  /** From the spawn of a worker until it was ready. */
  readonly boot: DurationCounts;
  /** How often requests were found waiting while a worker was idle: a fault of the engine. */
  readonly stallCount: number;
}

/** One worker at one moment. */
export interface WorkerStatus {
  readonly id: number;
  /** `null` when the process is gone. */
  readonly pid: number | null;
  /** Workers of one number run the same code: counts from 1, up with each reload. */
  readonly generation: number;
  readonly state: WorkerState;
  /** Requests it has now, those written ahead included. */
  readonly inFlightCount: number;
  readonly servedCount: number;
  /** Method and path of the request it runs, of the oldest where it runs several; `null` when it runs none, or a WebSocket's event. */
  readonly request: string | null;
  /** How long it has been at it; `null` when it runs none. */
  readonly requestAgeMs: number | null;
  /** Resident memory; 0 when it cannot be read. */
  readonly residentBytes: number;
  /** What its memory grows by, and for how long it has; `null` while it does not, or nobody can tell. */
  readonly growth: { readonly bytesPerRequest: number; readonly forMs: number } | null;
  /** True while its loop does not turn, as far as it is watched. */
  readonly isBlocked: boolean;
  /** The end of its STDERR, oldest line first: at most 10 lines of 300 characters. */
  readonly stderr: readonly string[];
  /** Since it was ready; `null` before. */
  readonly readyMs: number | null;
}

/** Counters of a pool to which nothing has happened. */
export function zeroCounters(): PoolCounters {
  return {
    servedCount: 0,
    errorCount: 0,
    lostCount: 0,
    timedOutCount: 0,
    abandonedCount: 0,
    tooLargeCount: 0,
    unsupportedCount: 0,
    refusedCounts: { "queue-full": 0, "queue-timeout": 0, unavailable: 0, stopping: 0 },
    spawnedCount: 0,
    startFailedCount: 0,
    crashedCount: 0,
    blockedCount: 0,
    leftCount: 0,
    recycledCounts: { "max-requests": 0, memory: 0, asked: 0, requested: 0 },
    scaledDownCount: 0,
    endedCounts: { "request-timeout": 0, "cancel-ignored": 0, unresponsive: 0 },
  };
}
