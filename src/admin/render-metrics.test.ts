import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ExchangeMetrics } from "../http/watch/exchange-metrics.ts";
import { HttpCounters } from "../http/http-counters.ts";
import { Traffic } from "../http/traffic.ts";
import { DurationHistogram } from "../telemetry/duration-histogram.ts";
import { zeroCounters } from "../workers/pool-status.ts";
import type { InstanceReport } from "./front-report.ts";
import { METRIC_FAMILIES } from "./metric-families.ts";
import { chooseMetricsFormat } from "./metrics-text.ts";
import { renderMetrics } from "./render-metrics.ts";

const FRONT = { pid: 2, uptimeMs: 0, residentBytes: 0, loopDelayMs: 0, connectionCount: 0, requestCount: 0 } as const;

function report(): InstanceReport {
  const metrics = new ExchangeMetrics();
  const exchange = { methodIndex: 0, httpMajor: 1, status: 200, outcome: "answered", bodyBytes: 5, workMs: 3 } as const;
  metrics.count({ ...exchange, app: "shop", durationMs: 4, queueMs: 1 });
  metrics.count({ ...exchange, app: "shop", durationMs: 60_000, queueMs: 0 });
  return {
    name: 'sh"op\n',
    version: "0.1.0",
    configFile: null,
    masterPid: 1,
    masterResidentBytes: 2,
    uptimeMs: 1_500,
    isStopping: false,
    isDrained: false,
    frontDeathCount: 0,
    frontGeneration: 1,
    fronts: [
      { ...FRONT, index: 0, state: "ready", connectionCount: 5, loopDelayMs: 2 },
      { ...FRONT, index: 1, state: "silent" },
    ],
    front: {
      pid: 2,
      isReady: true,
      uptimeMs: 1_000,
      residentBytes: 3,
      loopDelayMs: 2,
      listeners: [
        {
          name: "80",
          connectionCount: 7,
          refusedCount: 0,
          bodyMemoryBytes: 0,
          counters: new HttpCounters(),
          traffic: new Traffic().total([]),
        },
      ],
      pools: [
        {
          app: "shop",
          status: {
            state: "ready",
            workerCount: 4,
            busyCount: 1,
            startingCount: 0,
            leavingCount: 0,
            desiredCount: 4,
            waitingCount: 2,
            aheadCount: 1,
            counters: { ...zeroCounters(), lostCount: 3 },
            boot: new DurationHistogram().snapshot(),
            stallCount: 0,
          },
          workers: [],
          ends: [],
        },
      ],
      exchanges: metrics.snapshot(),
      accessLogs: [{ path: "stdout", lineCount: 9, droppedCount: 1 }],
      slowRequests: [],
      userMetrics: [],
      spans: { sentCount: 0, droppedCount: 0 },
      relay: { relayedCount: 0, droppedCount: 0 },
    },
  };
}

describe("renderMetrics", () => {
  test("writes cumulative buckets, and everything in base units", () => {
    const lines = renderMetrics(report(), "prometheus").split("\n");
    const of = (name: string): readonly string[] => lines.filter((line) => line.startsWith(name));
    expect(of("vilya_http_request_duration_seconds_bucket").slice(2, 4)).toEqual([
      'vilya_http_request_duration_seconds_bucket{app="shop",le="0.0025"} 0',
      'vilya_http_request_duration_seconds_bucket{app="shop",le="0.005"} 1',
    ]);
    expect(of("vilya_http_request_duration_seconds_bucket").slice(-2)).toEqual([
      'vilya_http_request_duration_seconds_bucket{app="shop",le="30"} 1',
      'vilya_http_request_duration_seconds_bucket{app="shop",le="+Inf"} 2',
    ]);
    expect(of("vilya_http_request_duration_seconds_sum")).toEqual([
      'vilya_http_request_duration_seconds_sum{app="shop"} 60.004',
    ]);
    expect(of("vilya_uptime_seconds")).toEqual(["vilya_uptime_seconds 1.5"]);
    expect(of("vilya_pool_rejections_total").filter((line) => line.includes("lost"))).toEqual([
      'vilya_pool_rejections_total{app="shop",reason="lost"} 3',
    ]);
  });

  test("escapes labels", () => {
    expect(renderMetrics(report(), "prometheus")).toContain('vilya_info{version="0.1.0",instance="sh\\"op\\n"} 1\n');
  });

  test("has each family once, with its samples behind it, in both formats", () => {
    for (const format of ["prometheus", "openmetrics"] as const) {
      const text = renderMetrics(report(), format);
      const families = [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name]) => name);
      expect(new Set(families).size).toBe(families.length);
      for (const block of text.split("# HELP ").slice(1)) {
        const [name = ""] = block.split(" ", 1);
        const samples = block
          .split("\n")
          .slice(2)
          .filter((line) => line !== "" && !line.startsWith("#"));
        expect(samples.length).toBeGreaterThan(0);
        expect(samples.every((line) => line.startsWith(name))).toBe(true);
      }
    }
  });

  test("names counters as OpenMetrics wants them, and ends with its mark", () => {
    const text = renderMetrics(report(), "openmetrics");
    expect(text).toContain("# TYPE vilya_http_requests counter\nvilya_http_requests_total{");
    expect(text).toEndWith("\n# EOF\n");
    expect(chooseMetricsFormat("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;q=0.3")).toBe(
      "openmetrics",
    );
    expect([chooseMetricsFormat(null), chooseMetricsFormat("*/*")]).toEqual(["prometheus", "prometheus"]);
  });

  test("writes the metrics of apps behind the engine's own, in both formats", () => {
    const front = report().front!;
    const counter = { name: "orders_total", type: "counter", help: 'Orders, "all"', labels: ["app", "kind"] } as const;
    const userMetrics = [{ ...counter, series: [{ values: ["shop", 'a"b'], value: 3, counts: [], setMs: 0 }] }];
    const text = renderMetrics({ ...report(), front: { ...front, userMetrics } }, "prometheus");
    expect(text).toContain('# TYPE orders_total counter\norders_total{app="shop",kind="a\\"b"} 3\n');
    expect(renderMetrics({ ...report(), front: { ...front, userMetrics } }, "openmetrics")).toContain(
      "# TYPE orders counter\n",
    );
  });

  test("says that no front answers, and nothing of one", () => {
    const text = renderMetrics({ ...report(), front: null }, "prometheus");
    expect(text).toContain("vilya_front_up 0\n");
    expect(text).not.toContain("vilya_http");
  });

  test("is described family by family in docs/reference/metrics.md", () => {
    const page = readFileSync(join(import.meta.dir, "../../docs/reference/metrics.md"), "utf8");
    const rows = Object.entries(METRIC_FAMILIES).map(
      ([name, { type, labels, help }]) =>
        `| \`${name}\` | ${type} | ${labels.map((label) => `\`${label}\``).join(" ")} | ${help} |`,
    );
    for (const row of rows) expect(page).toContain(row);
    expect([...page.matchAll(/^\| `vilya_/gm)]).toHaveLength(rows.length);
  });
});
