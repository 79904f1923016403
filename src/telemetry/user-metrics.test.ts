import { describe, expect, test } from "bun:test";

import { DURATION_BOUNDS_S } from "./duration-histogram.ts";
import { FAMILY_COUNT_MAX, SERIES_COUNT_MAX, UserMetrics } from "./user-metrics.ts";

function take(metrics: UserMetrics, ...samples: readonly unknown[]): string | null {
  return metrics.take("shop", Buffer.from(JSON.stringify(samples)));
}

/** Whenever it was. */
const setMs = expect.any(Number) as unknown as number;

describe("UserMetrics", () => {
  test("adds up counters, keeps the last of gauges, and sorts into histograms, by app and labels", () => {
    const metrics = new UserMetrics();
    const orders = { name: "orders", type: "counter", help: "Orders.", labels: { paid_by: "card" } };
    expect(take(metrics, { ...orders, value: 1 }, { ...orders, value: 2 })).toBeNull();
    expect(take(metrics, { ...orders, value: 1, labels: { paid_by: "cash" } })).toBeNull();
    expect(
      take(metrics, { name: "depth", type: "gauge", value: 5 }, { name: "depth", type: "gauge", value: -3 }),
    ).toBeNull();
    expect(
      take(metrics, { name: "wait", type: "histogram", value: 0.02 }, { name: "wait", type: "histogram", value: 99 }),
    ).toBeNull();
    const [counter, gauge, histogram] = metrics.snapshot();
    expect(counter).toEqual({
      name: "orders_total",
      type: "counter",
      help: "Orders.",
      labels: ["app", "paid_by"],
      series: [
        { values: ["shop", "card"], value: 3, counts: [], setMs },
        { values: ["shop", "cash"], value: 1, counts: [], setMs },
      ],
    });
    expect(gauge?.series).toEqual([{ values: ["shop"], value: -3, counts: [], setMs }]);
    const [series] = histogram?.series ?? [];
    expect(series?.value).toBe(99.02);
    expect([series?.counts[DURATION_BOUNDS_S.indexOf(0.025)], series?.counts.at(-1)]).toEqual([1, 1]);
  });

  test.each([
    [{ name: "vilya_mine", type: "counter", value: 1 }, "a sample without a name of its own"],
    [{ name: "a b", type: "counter", value: 1 }, "a sample without a name of its own"],
    [{ name: "a", type: "summary", value: 1 }, "a: its type is none"],
    [{ name: "a", type: "counter", value: -1 }, "a: a counter takes no negative value"],
    [{ name: "a", type: "gauge", value: null }, "a: its value is no number"],
    [{ name: "a", type: "gauge", value: 1, labels: { app: "x" } }, "a: a label has no name of its own"],
    [
      { name: "a", type: "gauge", value: 1, labels: { b: "x".repeat(129) } },
      "a: the value of a label is no text of at most 128 characters",
    ],
    [7, "a sample that is no object"],
  ])("leaves out what is no sample, and takes the others: %p", (sample, problem) => {
    const metrics = new UserMetrics();
    expect(take(metrics, sample, { name: "good", type: "gauge", value: 1 })).toBe(problem);
    expect(metrics.snapshot().map(({ name }) => name)).toEqual(["good"]);
  });

  test("keeps to the type and the labels that a metric began with", () => {
    const metrics = new UserMetrics();
    take(metrics, { name: "a", type: "gauge", value: 1, labels: { b: "c" } });
    expect(take(metrics, { name: "a", type: "histogram", value: 1 })).toBe("a: it is a gauge");
    expect(take(metrics, { name: "a", type: "gauge", value: 1 })).toBe("a: its labels are b");
  });

  test("is bounded in metrics, series and what it takes at a time", () => {
    const metrics = new UserMetrics();
    for (let index = 0; index < FAMILY_COUNT_MAX; index++)
      take(metrics, { name: `m${index}`, type: "gauge", value: 1 });
    expect(take(metrics, { name: "more", type: "gauge", value: 1 })).toBe(
      `more: there are ${FAMILY_COUNT_MAX} metrics already`,
    );
    const others = new UserMetrics();
    const user = (id: number): unknown => ({ name: "u", type: "gauge", value: 1, labels: { id: String(id) } });
    for (let index = 0; index < SERIES_COUNT_MAX; index++) take(others, user(index));
    expect(take(others, user(-1))).toBe(`u: it has ${SERIES_COUNT_MAX} series already`);
    expect(take(others, user(0))).toBeNull();
    expect(others.take("shop", Buffer.from("{}"))).toBe("samples that are no list of at most 256");
    expect(others.take("shop", Buffer.from("["))).toBe("samples that are no JSON");
    expect(others.take("shop", Buffer.alloc(70_000))).toBe("70000 bytes of samples, 65536 are allowed");
  });
});
