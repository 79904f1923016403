import { type ProtocolTraffic, TRAFFIC_PROTOCOLS } from "../http/traffic.ts";
import { DURATION_BOUNDS_S, type DurationCounts } from "../telemetry/duration-histogram.ts";
import type { FrontReport, FrontSummary, InstanceReport, ListenerReport, PoolReport } from "./front-report.ts";
import type { MetricName } from "./metric-families.ts";
import { type UserFamily } from "../telemetry/user-metrics.ts";
import { type MetricsFormat, MetricsText } from "./metrics-text.ts";

/** The metrics of an instance. What a front counts is missing while none answers, and says so by `vilya_front_up`. */
export function renderMetrics(report: InstanceReport, format: MetricsFormat): string {
  const text = new MetricsText(format);
  const { front } = report;
  text.add("vilya_info", [report.version, report.name], 1);
  text.add("vilya_uptime_seconds", [], report.uptimeMs / 1_000);
  text.add("vilya_front_up", [], front === null ? 0 : 1);
  text.add("vilya_front_deaths_total", [], report.frontDeathCount);
  text.add("vilya_process_resident_memory_bytes", ["master"], report.masterResidentBytes);
  addFronts(text, report.fronts);
  if (front !== null) addFront(text, front);
  return text.render();
}

function addFronts(text: MetricsText, fronts: readonly FrontSummary[]): void {
  for (const state of ["ready", "not-ready", "silent", "gone"] as const) {
    text.add("vilya_fronts", [state], fronts.filter((front) => front.state === state).length);
  }
  for (const { index, state, connectionCount, loopDelayMs } of fronts) {
    if (state !== "ready" && state !== "not-ready") continue;
    text.add("vilya_front_connections", [String(index)], connectionCount);
    text.add("vilya_event_loop_delay_seconds", [String(index)], loopDelayMs / 1_000);
  }
}

function addFront(text: MetricsText, front: FrontReport): void {
  text.add("vilya_process_resident_memory_bytes", ["front"], front.residentBytes);
  text.add("vilya_front_uptime_seconds", [], front.uptimeMs / 1_000);
  addExchanges(text, front);
  text.add("vilya_trace_spans_sent_total", [], front.spans.sentCount);
  text.add("vilya_trace_spans_dropped_total", [], front.spans.droppedCount);
  text.add("vilya_relay_messages_total", [], front.relay.relayedCount);
  text.add("vilya_relay_dropped_messages_total", [], front.relay.droppedCount);
  for (const listener of front.listeners) addListener(text, listener);
  addTraffic(text, front.listeners);
  for (const pool of front.pools) addPool(text, pool, front.isReady);
  for (const family of front.userMetrics) addUserFamily(text, family);
  for (const { path, lineCount, droppedCount } of front.accessLogs) {
    text.add("vilya_access_log_lines_total", [path], lineCount);
    text.add("vilya_access_log_dropped_lines_total", [path], droppedCount);
  }
}

/** Those of apps stand behind the engine's own, under the names that the apps have given them. */
function addUserFamily(text: MetricsText, { name, type, help, labels, series }: UserFamily): void {
  text.describe(name, { type, help, labels });
  for (const { values, value, counts } of series) {
    if (type === "histogram") text.addHistogram(name, values, { bounds: DURATION_BOUNDS_S, counts, sum: value });
    else text.add(name, values, value);
  }
}

function addExchanges(text: MetricsText, { exchanges, pools }: FrontReport): void {
  const withWorkers = new Set<string | null>(pools.map(({ app }) => app));
  for (const { app, requests, outcomes, duration, queue, work, bodyBytes } of exchanges) {
    const name = app ?? "";
    for (const { method, statusClass, httpVersion, count } of requests) {
      text.add("vilya_http_requests_total", [name, method, statusClass, httpVersion], count);
    }
    for (const [outcome, count] of Object.entries(outcomes)) {
      text.add("vilya_http_request_outcomes_total", [name, outcome], count);
    }
    addDurations(text, "vilya_http_request_duration_seconds", name, duration);
    text.add("vilya_http_response_body_bytes_total", [name], bodyBytes);
    if (!withWorkers.has(app)) continue;
    addDurations(text, "vilya_pool_queue_wait_seconds", name, queue);
    addDurations(text, "vilya_pool_work_seconds", name, work);
  }
}

function addDurations(text: MetricsText, name: MetricName, app: string, { counts, sumMs }: DurationCounts): void {
  text.addHistogram(name, [app], { bounds: DURATION_BOUNDS_S, counts, sum: sumMs / 1_000 });
}

function addListener(text: MetricsText, { name, counters, ...listener }: ListenerReport): void {
  text.add("vilya_http_connections", [name], listener.connectionCount);
  text.add("vilya_http_connections_refused_total", [name], listener.refusedCount);
  text.add("vilya_http_protocol_errors_total", [name], counters.protocolErrors);
  text.add("vilya_http_timeouts_total", [name], counters.timedOut);
  text.add("vilya_http_arrivals_failed_total", [name], counters.failedArrivals);
  text.add("vilya_http_body_memory_bytes", [name], listener.bodyMemoryBytes);
  text.add("vilya_http_spool_failures_total", [name], counters.spoolFailures);
}

function addTraffic(text: MetricsText, listeners: readonly ListenerReport[]): void {
  for (const protocol of TRAFFIC_PROTOCOLS) {
    const sum = (of: (counts: ProtocolTraffic) => number): number =>
      listeners.reduce((total, { traffic }) => total + of(traffic[protocol]), 0);
    text.add(
      "vilya_open_connections",
      [protocol],
      sum(({ connectionCount }) => connectionCount),
    );
    text.add(
      "vilya_connections_total",
      [protocol],
      sum((each) => each.connectionCount + each.closedCount),
    );
    text.add(
      "vilya_received_bytes_total",
      [protocol],
      sum(({ receivedBytes }) => receivedBytes),
    );
    text.add(
      "vilya_sent_bytes_total",
      [protocol],
      sum(({ sentBytes }) => sentBytes),
    );
  }
}

function addPool(text: MetricsText, { app, status, workers }: PoolReport, isFrontReady: boolean): void {
  const { counters } = status;
  text.add("vilya_ready", [app], isFrontReady && status.workerCount > 0 ? 1 : 0);
  text.add("vilya_pool_workers", [app, "idle"], Math.max(0, status.workerCount - status.busyCount));
  text.add("vilya_pool_workers", [app, "busy"], status.busyCount);
  text.add("vilya_pool_workers", [app, "starting"], status.startingCount);
  text.add("vilya_pool_workers", [app, "leaving"], status.leavingCount);
  text.add("vilya_pool_workers_desired", [app], status.desiredCount);
  const memoryBytes = workers.reduce((sum, { residentBytes }) => sum + residentBytes, 0);
  text.add("vilya_pool_workers_memory_bytes", [app], memoryBytes);
  const largestBytes = Math.max(0, ...workers.map(({ residentBytes }) => residentBytes));
  text.add("vilya_pool_worker_memory_max_bytes", [app], largestBytes);
  const growth = Math.max(0, ...workers.map((worker) => worker.growth?.bytesPerRequest ?? 0));
  text.add("vilya_pool_worker_memory_growth_bytes", [app], growth);
  text.add("vilya_pool_stalls_total", [app], status.stallCount);
  addDurations(text, "vilya_pool_worker_boot_seconds", app, status.boot);
  text.add("vilya_pool_queue_depth", [app], status.waitingCount);
  text.add("vilya_pool_prefetched", [app], status.aheadCount);
  text.add("vilya_pool_served_total", [app], counters.servedCount);
  text.add("vilya_pool_errors_total", [app], counters.errorCount);
  const rejections = {
    ...counters.refusedCounts,
    timeout: counters.timedOutCount,
    lost: counters.lostCount,
    "too-large": counters.tooLargeCount,
  };
  for (const [reason, count] of Object.entries(rejections))
    text.add("vilya_pool_rejections_total", [app, reason], count);
  text.add("vilya_pool_abandoned_total", [app], counters.abandonedCount);
  text.add("vilya_pool_workers_spawned_total", [app], counters.spawnedCount);
  const ends = {
    crashed: counters.crashedCount,
    "start-failed": counters.startFailedCount,
    left: counters.leftCount,
    "scaled-down": counters.scaledDownCount,
    ...counters.recycledCounts,
    ...counters.endedCounts,
  };
  for (const [reason, count] of Object.entries(ends)) text.add("vilya_pool_worker_ends_total", [app, reason], count);
  text.add("vilya_pool_workers_blocked_total", [app], counters.blockedCount);
}
