import * as v from "valibot";

import type { AppExchangeCounts } from "../../http/watch/exchange-metrics.ts";
import type { HttpCounters } from "../../http/http-counters.ts";
import type { SlowRequest } from "../../http/watch/slow-requests.ts";
import type { ProtocolTraffic, TrafficCounts } from "../../http/traffic.ts";
import type { DurationCounts } from "../../telemetry/duration-histogram.ts";
import type { PoolCounters, PoolStatus, WorkerStatus } from "../../workers/pool-status.ts";
import type { UserFamily } from "../../telemetry/user-metrics.ts";
import type { WorkerEnd } from "../../workers/worker-end.ts";
import type {
  AccessLogReport,
  FrontReport,
  FrontSummary,
  InstanceReport,
  ListenerReport,
  PoolReport,
} from "../front-report.ts";

/** The schemas of what operators are told. The compiler holds each to the type it describes, tests to what an instance answers. */

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const bytes = v.pipe(count, v.description("Bytes."));
const ms = v.pipe(v.number(), v.minValue(0), v.description("Milliseconds."));
const epochMs = v.pipe(v.number(), v.description("Milliseconds since the epoch."));
const phaseMs = v.pipe(v.number(), v.description("Milliseconds; -1 for what did not happen."));
const pid = v.pipe(v.number(), v.integer(), v.minValue(1), v.description("A process id."));

const HISTOGRAM: v.GenericSchema<DurationCounts> = v.pipe(
  v.strictObject({ counts: v.array(count), sumMs: ms }),
  v.description(
    "Not cumulative; the bounds in milliseconds are those of the metrics, and one more for what takes longer.",
  ),
);

const EXCHANGES: v.GenericSchema<AppExchangeCounts> = v.strictObject({
  app: v.pipe(v.nullable(v.string()), v.description("Null for what the engine answers itself.")),
  requests: v.array(
    v.strictObject({
      method: v.picklist(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"]),
      statusClass: v.picklist(["none", "1xx", "2xx", "3xx", "4xx", "5xx"]),
      httpVersion: v.picklist(["1", "2", "3"]),
      count,
    }),
  ),
  outcomes: v.strictObject({ answered: count, upgraded: count, abandoned: count, refused: count, cut: count }),
  duration: HISTOGRAM,
  queue: HISTOGRAM,
  work: HISTOGRAM,
  bodyBytes: bytes,
});

const HTTP_COUNTERS: v.GenericSchema<Readonly<HttpCounters>> = v.strictObject({
  requests: count,
  responses: count,
  protocolErrors: count,
  abandoned: count,
  timedOut: count,
  failedArrivals: count,
  spoolFailures: count,
});

const PROTOCOL_TRAFFIC: v.GenericSchema<ProtocolTraffic> = v.strictObject({
  connectionCount: v.pipe(count, v.description("Open connections.")),
  closedCount: count,
  receivedBytes: bytes,
  sentBytes: bytes,
});

const TRAFFIC: v.GenericSchema<TrafficCounts> = v.strictObject({
  none: PROTOCOL_TRAFFIC,
  h1: PROTOCOL_TRAFFIC,
  h2: PROTOCOL_TRAFFIC,
  websocket: PROTOCOL_TRAFFIC,
});

const LISTENER: v.GenericSchema<ListenerReport> = v.strictObject({
  name: v.pipe(v.string(), v.description("Its port as configured, or the path of its Unix socket.")),
  connectionCount: count,
  refusedCount: v.pipe(count, v.description("Connections closed on arrival because too many were open.")),
  bodyMemoryBytes: bytes,
  counters: HTTP_COUNTERS,
  traffic: TRAFFIC,
});

const POOL_COUNTERS: v.GenericSchema<PoolCounters> = v.strictObject({
  servedCount: count,
  errorCount: count,
  lostCount: count,
  timedOutCount: count,
  abandonedCount: count,
  tooLargeCount: count,
  unsupportedCount: count,
  refusedCounts: v.strictObject({ "queue-full": count, "queue-timeout": count, unavailable: count, stopping: count }),
  spawnedCount: count,
  startFailedCount: count,
  crashedCount: count,
  blockedCount: count,
  leftCount: count,
  recycledCounts: v.strictObject({ "max-requests": count, memory: count, asked: count, requested: count }),
  scaledDownCount: count,
  endedCounts: v.strictObject({ "request-timeout": count, "cancel-ignored": count, unresponsive: count }),
});

const POOL_STATUS: v.GenericSchema<PoolStatus> = v.strictObject({
  state: v.picklist(["starting", "ready", "degraded", "unavailable", "stopping", "stopped"]),
  workerCount: v.pipe(count, v.description("Workers that are ready.")),
  busyCount: count,
  startingCount: count,
  leavingCount: count,
  desiredCount: count,
  waitingCount: v.pipe(count, v.description("Requests in the queue, those written ahead to a busy worker included.")),
  aheadCount: count,
  counters: POOL_COUNTERS,
  boot: HISTOGRAM,
  stallCount: v.pipe(count, v.description("How often requests were found waiting while a worker was idle.")),
});

const worker = {
  id: count,
  pid: v.nullable(pid),
  generation: v.pipe(
    count,
    v.description("Workers of one number run the same code: counts from 1, up with each reload."),
  ),
  state: v.picklist(["starting", "ready", "draining", "leaving", "gone"]),
  inFlightCount: count,
  servedCount: count,
  request: v.pipe(
    v.nullable(v.string()),
    v.description("Method and path of what it runs, the oldest where it runs several; never the query."),
  ),
  requestAgeMs: v.pipe(v.nullable(ms), v.description("How long it has been at it.")),
  residentBytes: bytes,
  growth: v.pipe(
    v.nullable(v.strictObject({ bytesPerRequest: count, forMs: ms })),
    v.description("What its memory grows by; null while it does not, or nobody can tell."),
  ),
  isBlocked: v.pipe(v.boolean(), v.description("Its loop does not turn, as far as it is watched.")),
  stderr: v.pipe(v.array(v.string()), v.description("The end of its STDERR, oldest line first.")),
  readyMs: v.pipe(v.nullable(ms), v.description("Since it was ready.")),
};

/** One worker. */
export const WORKER: v.GenericSchema<WorkerStatus> = v.strictObject(worker);

const REASON: v.GenericSchema<WorkerEnd["reason"]> = v.picklist([
  "crashed",
  "start-failed",
  "start-timeout",
  "left",
  "protocol-error",
  "request-timeout",
  "cancel-ignored",
  "unresponsive",
  "max-requests",
  "memory",
  "asked",
  "requested",
  "scaled-down",
  "stopped",
]);

const WORKER_END: v.GenericSchema<WorkerEnd> = v.strictObject({
  workerId: count,
  pid: v.nullable(pid),
  endedMs: epochMs,
  reason: REASON,
  exitCode: v.nullable(v.number()),
  signal: v.nullable(v.string()),
  servedCount: count,
  readyMs: v.pipe(v.nullable(ms), v.description("How long it was ready; null when it never was.")),
  error: v.nullable(v.string()),
  stderr: v.array(v.string()),
});

const POOL: v.GenericSchema<PoolReport> = v.strictObject({
  app: v.string(),
  status: POOL_STATUS,
  workers: v.array(WORKER),
  ends: v.pipe(v.array(WORKER_END), v.description("How the last workers ended, newest first.")),
});

const ACCESS_LOG: v.GenericSchema<AccessLogReport> = v.strictObject({
  path: v.string(),
  lineCount: count,
  droppedCount: count,
});

const SLOW_REQUEST: v.GenericSchema<SlowRequest> = v.strictObject({
  arrivedMs: epochMs,
  method: v.string(),
  path: v.pipe(v.string(), v.description("Without the query.")),
  app: v.nullable(v.string()),
  status: count,
  outcome: v.picklist(["answered", "upgraded", "abandoned", "refused", "cut"]),
  latencyMs: v.pipe(ms, v.description("Until the answer began.")),
  durationMs: ms,
  queueMs: phaseMs,
  workMs: phaseMs,
});

const USER_FAMILY: v.GenericSchema<UserFamily> = v.strictObject({
  name: v.string(),
  type: v.picklist(["counter", "gauge", "histogram"]),
  help: v.string(),
  labels: v.array(v.string()),
  series: v.array(
    v.strictObject({ values: v.array(v.string()), value: v.number(), counts: v.array(count), setMs: epochMs }),
  ),
});

const FRONT: v.GenericSchema<FrontReport> = v.pipe(
  v.strictObject({
    pid,
    isReady: v.boolean(),
    uptimeMs: ms,
    residentBytes: bytes,
    loopDelayMs: ms,
    listeners: v.array(LISTENER),
    pools: v.array(POOL),
    exchanges: v.array(EXCHANGES),
    accessLogs: v.array(ACCESS_LOG),
    userMetrics: v.pipe(v.array(USER_FAMILY), v.description("What apps count of their own.")),
    spans: v.strictObject({ sentCount: count, droppedCount: count }),
    relay: v.strictObject({ relayedCount: count, droppedCount: count }),
    slowRequests: v.pipe(v.array(SLOW_REQUEST), v.description("Of the last minutes, slowest first.")),
  }),
  v.description("All fronts together. Null while none answers: none runs, or they hang."),
);

const FRONT_SUMMARY: v.GenericSchema<FrontSummary> = v.strictObject({
  index: count,
  pid: v.nullable(pid),
  state: v.picklist(["ready", "not-ready", "silent", "gone"]),
  uptimeMs: ms,
  residentBytes: bytes,
  loopDelayMs: ms,
  connectionCount: count,
  requestCount: count,
});

/** All there is to tell of an instance. */
export const INSTANCE: v.GenericSchema<InstanceReport> = v.strictObject({
  name: v.string(),
  version: v.string(),
  configFile: v.nullable(v.string()),
  masterPid: pid,
  masterResidentBytes: bytes,
  uptimeMs: ms,
  isStopping: v.boolean(),
  isDrained: v.boolean(),
  frontDeathCount: v.pipe(count, v.description("Fronts that died and were replaced.")),
  frontGeneration: v.pipe(
    count,
    v.description("Up with every replacement of the fronts by a reload: then all counts begin anew."),
  ),
  front: v.nullable(FRONT),
  fronts: v.pipe(v.array(FRONT_SUMMARY), v.description("Each front, those that are away included.")),
});

/** One app, without its workers. */
export const APP: v.GenericSchema<Pick<PoolReport, "app" | "status">> = v.strictObject({
  app: v.string(),
  status: POOL_STATUS,
});

/** One worker with the app it is for. */
export const WORKER_OF_APP: v.GenericSchema<WorkerStatus & { app: string }> = v.strictObject({
  app: v.string(),
  ...worker,
});
