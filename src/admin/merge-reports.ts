import type { AppExchangeCounts, RequestCount } from "../http/watch/exchange-metrics.ts";
import { SLOW_REQUEST_COUNT_MAX } from "../http/watch/slow-requests.ts";
import { type ProtocolTraffic, TRAFFIC_PROTOCOLS, type TrafficCounts } from "../http/traffic.ts";
import type { UserFamily, UserSeries } from "../telemetry/user-metrics.ts";
import type { PoolStatus } from "../workers/pool-status.ts";
import { WORKER_END_COUNT_MAX } from "../workers/worker-end.ts";
import { addCounts } from "./add-counts.ts";
import type { FrontReport, ListenerReport, PoolReport } from "./front-report.ts";

/** Of several pools of an app the state of the one that is best off: requests go there. Best first. */
const STATES: readonly PoolStatus["state"][] = ["ready", "degraded", "starting", "unavailable", "stopping", "stopped"];

/**
 * One report of fronts that serve side by side: what they count added up, what they have together. The process id is that of the first, the
 * uptime that of the oldest, and the event loop is as late as the latest of them.
 *
 * @param reports not empty.
 */
export function mergeReports(reports: readonly FrontReport[]): FrontReport {
  return reports.reduce((one, other) => ({
    pid: one.pid,
    isReady: one.isReady || other.isReady,
    uptimeMs: Math.max(one.uptimeMs, other.uptimeMs),
    residentBytes: one.residentBytes + other.residentBytes,
    loopDelayMs: Math.max(one.loopDelayMs, other.loopDelayMs),
    listeners: mergeBy(one.listeners, other.listeners, ({ name }) => name, addCounts),
    pools: mergeBy(one.pools, other.pools, ({ app }) => app, mergePools),
    exchanges: mergeBy(one.exchanges, other.exchanges, ({ app }) => app ?? "", mergeExchanges),
    accessLogs: mergeBy(one.accessLogs, other.accessLogs, ({ path }) => path, addCounts),
    spans: addCounts(one.spans, other.spans),
    relay: addCounts(one.relay, other.relay),
    userMetrics: mergeBy(one.userMetrics, other.userMetrics, ({ name }) => name, mergeFamilies),
    slowRequests: [...one.slowRequests, ...other.slowRequests]
      .toSorted((a, b) => b.latencyMs - a.latencyMs)
      .slice(0, SLOW_REQUEST_COUNT_MAX),
  }));
}

/** What is left of a report when its front is gone, or nobody knows how it is: what it has counted. */
export function countsOf(report: FrontReport): FrontReport {
  return {
    ...report,
    isReady: false,
    uptimeMs: 0,
    residentBytes: 0,
    loopDelayMs: 0,
    listeners: report.listeners.map(closeListener),
    pools: report.pools.map(emptyPool),
  };
}

function closeListener(listener: ListenerReport): ListenerReport {
  const traffic = Object.fromEntries(
    TRAFFIC_PROTOCOLS.map((protocol) => [protocol, closeAll(listener.traffic[protocol])]),
  ) as unknown as TrafficCounts;
  return { ...listener, connectionCount: 0, bodyMemoryBytes: 0, traffic };
}

function closeAll(counts: Readonly<ProtocolTraffic>): ProtocolTraffic {
  return { ...counts, connectionCount: 0, closedCount: counts.closedCount + counts.connectionCount };
}

function emptyPool(pool: PoolReport): PoolReport {
  const status: PoolStatus = {
    ...pool.status,
    state: "stopped",
    workerCount: 0,
    busyCount: 0,
    startingCount: 0,
    leavingCount: 0,
    desiredCount: 0,
    waitingCount: 0,
    aheadCount: 0,
  };
  return { ...pool, status, workers: [] };
}

function mergePools(one: PoolReport, other: PoolReport): PoolReport {
  const state = STATES.find((each) => each === one.status.state || each === other.status.state)!;
  return {
    app: one.app,
    status: { ...addCounts(one.status, other.status), state },
    workers: [...one.workers, ...other.workers],
    ends: [...one.ends, ...other.ends].toSorted((a, b) => b.endedMs - a.endedMs).slice(0, WORKER_END_COUNT_MAX),
  };
}

function mergeExchanges(one: AppExchangeCounts, other: AppExchangeCounts): AppExchangeCounts {
  const requests = mergeBy(one.requests, other.requests, kindOf, addCounts);
  const { requests: _, ...counts } = one;
  return { ...addCounts(counts, other), requests };
}

function kindOf({ method, statusClass, httpVersion }: RequestCount): string {
  return `${method} ${statusClass} ${httpVersion}`;
}

/** Of two families that share a name by mistake the first one's is shown. */
function mergeFamilies(one: UserFamily, other: UserFamily): UserFamily {
  if (one.type !== other.type || !Bun.deepEquals(one.labels, other.labels)) return one;
  const merge = one.type === "gauge" ? latest : addSeries;
  return { ...one, series: mergeBy(one.series, other.series, ({ values }) => values.join("\0"), merge) };
}

/** Whichever worker has said it last, as within one front. */
function latest(one: UserSeries, other: UserSeries): UserSeries {
  return other.setMs > one.setMs ? other : one;
}

function addSeries(one: UserSeries, other: UserSeries): UserSeries {
  return { ...addCounts(one, other), setMs: Math.max(one.setMs, other.setMs) };
}

/** Those of both that have the same key as one, in the order of the first list and then of the second. */
function mergeBy<Item>(
  ones: readonly Item[],
  others: readonly Item[],
  keyOf: (item: Item) => string,
  merge: (one: Item, other: Item) => Item,
): readonly Item[] {
  const byKey = new Map(ones.map((item) => [keyOf(item), item]));
  for (const item of others) {
    const known = byKey.get(keyOf(item));
    byKey.set(keyOf(item), known === undefined ? item : merge(known, item));
  }
  return [...byKey.values()];
}
