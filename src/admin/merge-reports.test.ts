import { describe, expect, test } from "bun:test";
import { ExchangeMetrics } from "../http/watch/exchange-metrics.ts";
import { HttpCounters } from "../http/http-counters.ts";
import { Traffic } from "../http/traffic.ts";
import { DurationHistogram } from "../telemetry/duration-histogram.ts";
import { UserMetrics } from "../telemetry/user-metrics.ts";
import { type PoolStatus, zeroCounters } from "../workers/pool-status.ts";
import type { FrontReport } from "./front-report.ts";
import { countsOf, mergeReports } from "./merge-reports.ts";

interface Facts {
  readonly pid: number;
  readonly statuses?: readonly number[];
  readonly state?: PoolStatus["state"];
  readonly latencyMs?: number;
  readonly metrics?: UserMetrics;
}

/** A front with one listener and one app. */
function report({
  pid,
  statuses = [],
  state = "ready",
  latencyMs = 1,
  metrics = new UserMetrics(),
}: Facts): FrontReport {
  const exchanges = new ExchangeMetrics();
  for (const status of statuses) {
    const exchange = { app: "shop", methodIndex: 0, httpMajor: 1, outcome: "answered", bodyBytes: 10 } as const;
    exchanges.count({ ...exchange, status, durationMs: 3, queueMs: 0, workMs: 2 });
  }
  const traffic = new Traffic().total([]);
  return {
    pid,
    isReady: state === "ready",
    uptimeMs: pid * 1_000,
    residentBytes: 100,
    loopDelayMs: pid,
    listeners: [
      {
        name: "80",
        connectionCount: 2,
        refusedCount: 1,
        bodyMemoryBytes: 5,
        counters: new HttpCounters(),
        traffic: { ...traffic, h1: { connectionCount: 2, closedCount: 3, receivedBytes: 10, sentBytes: 20 } },
      },
    ],
    pools: [
      {
        app: "shop",
        status: {
          state,
          workerCount: state === "ready" ? 2 : 0,
          busyCount: 1,
          startingCount: 0,
          leavingCount: 0,
          desiredCount: 2,
          waitingCount: 0,
          aheadCount: 0,
          counters: { ...zeroCounters(), servedCount: statuses.length },
          boot: new DurationHistogram().snapshot(),
          stallCount: 0,
        },
        workers: [],
        ends: [],
      },
    ],
    exchanges: exchanges.snapshot(),
    accessLogs: [{ path: "a.log", lineCount: 4, droppedCount: 0 }],
    spans: { sentCount: 1, droppedCount: 0 },
    relay: { relayedCount: 0, droppedCount: 0 },
    userMetrics: metrics.snapshot(),
    slowRequests: [
      {
        arrivedMs: 0,
        method: "GET",
        path: "/",
        app: "shop",
        status: 200,
        outcome: "answered",
        latencyMs,
        durationMs: latencyMs,
        queueMs: 0,
        workMs: latencyMs,
      },
    ],
  };
}

function countedBy(samples: readonly unknown[]): UserMetrics {
  const metrics = new UserMetrics();
  metrics.take("shop", Buffer.from(JSON.stringify(samples)));
  return metrics;
}

describe("mergeReports", () => {
  test("adds up what fronts count and have", () => {
    const merged = mergeReports([
      report({ pid: 1, statuses: [200, 200, 503] }),
      report({ pid: 2, statuses: [200, 404] }),
    ]);
    expect(merged).toMatchObject({ pid: 1, isReady: true, uptimeMs: 2_000, residentBytes: 200, loopDelayMs: 2 });
    expect(merged.listeners).toHaveLength(1);
    expect(merged.listeners[0]).toMatchObject({ name: "80", connectionCount: 4, refusedCount: 2 });
    expect(merged.listeners[0]?.traffic.h1).toEqual({
      connectionCount: 4,
      closedCount: 6,
      receivedBytes: 20,
      sentBytes: 40,
    });
    expect(merged.pools[0]?.status).toMatchObject({ workerCount: 4, desiredCount: 4, counters: { servedCount: 5 } });
    const counted = merged.exchanges[0]!.requests.map(({ statusClass, count }) => `${statusClass} ${count}`);
    expect(counted.toSorted()).toEqual(["2xx 3", "4xx 1", "5xx 1"]);
    expect(merged.exchanges[0]?.duration.sumMs).toBe(15);
    expect(merged.accessLogs).toEqual([{ path: "a.log", lineCount: 8, droppedCount: 0 }]);
    expect(merged.spans).toEqual({ sentCount: 2, droppedCount: 0 });
  });

  test("has apps and listeners that only one of them tells of", () => {
    const [one, other] = [report({ pid: 1, statuses: [200] }), report({ pid: 2 })];
    expect(mergeReports([other, one]).exchanges.map(({ app }) => app)).toEqual(["shop"]);
    expect(mergeReports([{ ...other, pools: [], listeners: [] }, one])).toMatchObject({
      pools: [{ app: "shop" }],
      listeners: [{ name: "80" }],
    });
  });

  test("is as well off as the best of them", () => {
    const states = (...each: readonly PoolStatus["state"][]) =>
      mergeReports(each.map((state, index) => report({ pid: index + 1, state })));
    expect(states("unavailable", "ready")).toMatchObject({ isReady: true, pools: [{ status: { state: "ready" } }] });
    expect(states("unavailable", "starting")).toMatchObject({
      isReady: false,
      pools: [{ status: { state: "starting" } }],
    });
  });

  test("keeps the slowest requests of all", () => {
    const reports = Array.from({ length: 25 }, (_, index) => report({ pid: index + 1, latencyMs: index }));
    const { slowRequests } = mergeReports(reports);
    expect(slowRequests.map(({ latencyMs }) => latencyMs)).toEqual(
      Array.from({ length: 20 }, (_, index) => 24 - index),
    );
  });

  test("adds counters and histograms of apps, and takes the gauge that was set last", async () => {
    const first = countedBy([
      { name: "orders", type: "counter", value: 2 },
      { name: "depth", type: "gauge", value: 7 },
      { name: "seconds", type: "histogram", value: 0.2 },
    ]);
    const afterwards = Date.now() + 1;
    while (Date.now() < afterwards) await Promise.resolve();
    const second = countedBy([
      { name: "orders", type: "counter", value: 3 },
      { name: "depth", type: "gauge", value: 4 },
      { name: "seconds", type: "histogram", value: 0.2 },
    ]);
    for (const order of [
      [first, second],
      [second, first],
    ]) {
      const { userMetrics } = mergeReports(order.map((metrics, index) => report({ pid: index + 1, metrics })));
      const valueOf = (name: string) => userMetrics.find((family) => family.name === name)?.series[0];
      expect([valueOf("orders_total")?.value, valueOf("depth")?.value]).toEqual([5, 4]);
      expect(valueOf("seconds")?.counts.reduce((sum, count) => sum + count, 0)).toBe(2);
    }
  });
});

describe("countsOf", () => {
  test("leaves of a front what it has counted, its connections as closed", () => {
    const counts = countsOf(report({ pid: 1, statuses: [200] }));
    expect(counts).toMatchObject({ isReady: false, residentBytes: 0, loopDelayMs: 0 });
    expect(counts.listeners[0]).toMatchObject({ connectionCount: 0, refusedCount: 1, bodyMemoryBytes: 0 });
    expect(counts.listeners[0]?.traffic.h1).toMatchObject({ connectionCount: 0, closedCount: 5 });
    expect(counts.pools[0]?.status).toMatchObject({ workerCount: 0, busyCount: 0, counters: { servedCount: 1 } });
    expect(counts.exchanges).toHaveLength(1);
  });
});
