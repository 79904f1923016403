import { describe, expect, test } from "bun:test";

import { ExchangeMetrics } from "../../http/watch/exchange-metrics.ts";
import { DURATION_BOUNDS_MS } from "../../telemetry/duration-histogram.ts";
import type { InstanceReport } from "../front-report.ts";
import { livePointOf, quantileOf } from "./live-point.ts";

function report(frontGeneration: number, uptimeMs: number, metrics: ExchangeMetrics): InstanceReport {
  const front = {
    pid: 2,
    uptimeMs,
    isReady: true,
    residentBytes: 0,
    loopDelayMs: 3,
    listeners: [],
    pools: [],
    exchanges: metrics.snapshot(),
    accessLogs: [],
    slowRequests: [],
    userMetrics: [],
    spans: { sentCount: 0, droppedCount: 0 },
    relay: { relayedCount: 0, droppedCount: 0 },
  };
  const instance = { name: "a", version: "0", configFile: null, masterPid: 1, masterResidentBytes: 0 };
  const facts = { isStopping: false, isDrained: false, frontDeathCount: 0, frontGeneration };
  return { ...instance, ...facts, uptimeMs, front, fronts: [] };
}

function serve(metrics: ExchangeMetrics, count: number, status: number, durationMs: number): void {
  const exchange = { app: "shop", methodIndex: 0, httpMajor: 1, outcome: "answered", bodyBytes: 0 } as const;
  for (let index = 0; index < count; index++) {
    metrics.count({ ...exchange, status, durationMs, queueMs: 0, workMs: 0 });
  }
}

describe("livePointOf", () => {
  test("tells what happened between two looks, a second", () => {
    const metrics = new ExchangeMetrics();
    serve(metrics, 1_000, 200, 1);
    const before = report(7, 10_000, metrics);
    serve(metrics, 190, 200, 20);
    serve(metrics, 10, 503, 400);
    const point = livePointOf(report(7, 12_000, metrics), before, 5);
    expect(point).toMatchObject({ atMs: 5, requestsPerS: 100, errorsPerS: 5, loopDelayMs: 3 });
    expect(point?.p50Ms).toBeGreaterThan(10);
    expect(point?.p50Ms).toBeLessThan(25);
    expect(point?.p99Ms).toBeGreaterThan(250);
  });

  test("counts from 0 where other fronts serve, and where there was no look before", () => {
    const metrics = new ExchangeMetrics();
    serve(metrics, 100, 200, 1);
    expect(livePointOf(report(8, 2_000, metrics), report(7, 90_000, metrics), 0)?.requestsPerS).toBe(50);
    expect(livePointOf(report(8, 2_000, metrics), null, 0)?.requestsPerS).toBe(50);
    const none = { ...report(8, 2_000, metrics), front: null };
    expect(livePointOf(none, null, 0)).toBeNull();
    expect(livePointOf(report(8, 2_000, metrics), none, 0)?.requestsPerS).toBe(50);
  });
});

describe("quantileOf", () => {
  test("lies within the bucket that has it, and says nothing of nothing", () => {
    const counts = DURATION_BOUNDS_MS.map(() => 0);
    expect(quantileOf(counts, 0.5)).toBeNull();
    expect(quantileOf([10, 10], 0.5)).toBe(0.5);
    expect(quantileOf([10, 10], 0.75)).toBe(0.75);
    const beyond = [...counts, 5];
    expect(quantileOf(beyond, 0.5)).toBe(30_000);
  });
});
