import { describe, expect, test } from "bun:test";
import { DURATION_BOUNDS_MS } from "../../telemetry/duration-histogram.ts";
import { type CountedExchange, ExchangeMetrics } from "./exchange-metrics.ts";

const EXCHANGE: CountedExchange = {
  app: "shop",
  methodIndex: 0,
  httpMajor: 1,
  status: 200,
  outcome: "answered",
  bodyBytes: 10,
  durationMs: 1,
  queueMs: -1,
  workMs: -1,
};

describe("ExchangeMetrics", () => {
  test("keeps apps, methods, classes of status and versions apart", () => {
    const metrics = new ExchangeMetrics();
    for (const more of [{}, {}, { status: 204 }, { status: 503 }, { httpMajor: 2 }, { app: null }] as const) {
      metrics.count({ ...EXCHANGE, ...more });
    }
    const [shop, engine] = metrics.snapshot();
    expect(shop).toMatchObject({ app: "shop", bodyBytes: 50, outcomes: { answered: 5 } });
    expect(shop?.requests).toEqual([
      { method: "GET", statusClass: "2xx", httpVersion: "1", count: 3 },
      { method: "GET", statusClass: "2xx", httpVersion: "2", count: 1 },
      { method: "GET", statusClass: "5xx", httpVersion: "1", count: 1 },
    ]);
    expect(engine?.app).toBeNull();
  });

  test.each([0, 99, 600, 999])("counts the status %p as none", (status) => {
    const metrics = new ExchangeMetrics();
    metrics.count({ ...EXCHANGE, status });
    expect(metrics.snapshot()[0]?.requests).toMatchObject([{ statusClass: "none" }]);
  });

  test("puts a duration into the first bucket whose bound it does not exceed, and leaves out what did not happen", () => {
    const metrics = new ExchangeMetrics();
    const durations = [0, 0.5, 0.501, 30_000, 30_001];
    for (const durationMs of durations) metrics.count({ ...EXCHANGE, durationMs });
    const [shop] = metrics.snapshot();
    const expected = Array<number>(DURATION_BOUNDS_MS.length + 1).fill(0);
    expected[0] = 2;
    expected[1] = 1;
    expected[DURATION_BOUNDS_MS.length - 1] = 1;
    expected[DURATION_BOUNDS_MS.length] = 1;
    expect(shop?.duration).toEqual({ counts: expected, sumMs: durations.reduce((sum, ms) => sum + ms) });
    expect(shop?.queue).toEqual({ counts: expected.map(() => 0), sumMs: 0 });
  });
});
