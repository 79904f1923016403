import type { AppExchangeCounts } from "../http/watch/exchange-metrics.ts";
import type { HttpCounters } from "../http/http-counters.ts";
import type { SlowRequest } from "../http/watch/slow-requests.ts";
import type { TrafficCounts } from "../http/traffic.ts";
import type { UserFamily } from "../telemetry/user-metrics.ts";
import type { PoolStatus, WorkerStatus } from "../workers/pool-status.ts";
import type { WorkerEnd } from "../workers/worker-end.ts";

/** All that a front tells of itself, or all fronts together, as JSON. Counts only grow. */
export interface FrontReport {
  readonly pid: number;
  readonly isReady: boolean;
  readonly uptimeMs: number;
  readonly residentBytes: number;
  /** The longest that something had to wait for the event loop lately. */
  readonly loopDelayMs: number;
  readonly listeners: readonly ListenerReport[];
  /** Configured apps that have workers. */
  readonly pools: readonly PoolReport[];
  readonly exchanges: readonly AppExchangeCounts[];
  readonly accessLogs: readonly AccessLogReport[];
  readonly spans: SpanCounts;
  readonly relay: RelayCounts;
  /** What apps count of their own. */
  readonly userMetrics: readonly UserFamily[];
  /** Of the last five to ten minutes, slowest first; at most 20. */
  readonly slowRequests: readonly SlowRequest[];
}

/** One listener of a front. */
export interface ListenerReport {
  /** Its port as configured, or the path of its Unix socket. */
  readonly name: string;
  readonly connectionCount: number;
  /** Connections closed on arrival because too many were open. */
  readonly refusedCount: number;
  readonly bodyMemoryBytes: number;
  readonly counters: Readonly<HttpCounters>;
  readonly traffic: TrafficCounts;
}

/** The workers of one app, and what waits for them. */
export interface PoolReport {
  readonly app: string;
  readonly status: PoolStatus;
  readonly workers: readonly WorkerStatus[];
  /** How the last workers ended, newest first; at most 10, none that were stopped or had nothing to do. */
  readonly ends: readonly WorkerEnd[];
}

/** What has become of the lines of one access log. */
export interface AccessLogReport {
  /** The path, or `stdout`. */
  readonly path: string;
  readonly lineCount: number;
  readonly droppedCount: number;
}

/** What has become of the spans of traced requests; 0 where none are sent. */
export interface SpanCounts {
  readonly sentCount: number;
  /** The collector did not take them. */
  readonly droppedCount: number;
}

/** What has become of messages for WebSockets of other fronts, one for each front that they were for. */
export interface RelayCounts {
  readonly relayedCount: number;
  /** Its front took nothing for too long. */
  readonly droppedCount: number;
}

/** One front in short. */
export interface FrontSummary {
  /** From 0. */
  readonly index: number;
  /** `null` while there is no process. */
  readonly pid: number | null;
  /** `not-ready`: it has no worker, or is stopping · `silent`: it does not answer · `gone`: it is about to be spawned. */
  readonly state: "ready" | "not-ready" | "silent" | "gone";
  readonly uptimeMs: number;
  readonly residentBytes: number;
  /** The longest that something had to wait for its event loop lately. */
  readonly loopDelayMs: number;
  readonly connectionCount: number;
  readonly requestCount: number;
}

/** An instance as its master knows it. */
export interface InstanceReport {
  readonly name: string;
  readonly version: string;
  readonly configFile: string | null;
  readonly masterPid: number;
  readonly masterResidentBytes: number;
  readonly uptimeMs: number;
  readonly isStopping: boolean;
  /** Whether an operator has load balancers send requests elsewhere. */
  readonly isDrained: boolean;
  /** Fronts that died and were replaced. */
  readonly frontDeathCount: number;
  /** Up with every replacement of the fronts by a reload: then all counts begin anew. */
  readonly frontGeneration: number;
  /** All fronts together; `null` while none answers: none runs, or they hang. */
  readonly front: FrontReport | null;
  /** Each front, those that are away included. */
  readonly fronts: readonly FrontSummary[];
}
