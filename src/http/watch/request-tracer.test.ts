import { describe, expect, test } from "bun:test";

import type { Span } from "../../telemetry/tracing/span.ts";
import { RequestSpans, type TracedFacts } from "./request-tracer.ts";

const TRACE = "4bf92f3577b34da6a3ce929d0e0e4736";

const FACTS: TracedFacts = {
  arrivedMs: 1_000,
  method: "GET",
  path: "/a",
  httpMajor: 2,
  app: "shop",
  status: 200,
  outcome: "answered",
  durationMs: 100,
  firstByteMs: 100,
  queueMs: 30,
  workMs: 50,
};

function spansOf(facts: Partial<TracedFacts> = {}): readonly Span[] {
  const exported: Span[] = [];
  const spans = new RequestSpans(TRACE, "00f067aa0ba902b7", { add: (list) => exported.push(...list) });
  spans.end({ ...FACTS, ...facts });
  return exported;
}

function phases(facts: Partial<TracedFacts>): readonly (readonly [string, number, number])[] {
  return spansOf(facts)
    .slice(1)
    .map(({ name, startMs, endMs }) => [name, startMs, endMs] as const);
}

describe("RequestSpans", () => {
  test("are the request within its caller's trace, and its phases within the request", () => {
    const [root, ...others] = spansOf();
    expect(root).toMatchObject({
      traceId: TRACE,
      parentSpanId: "00f067aa0ba902b7",
      name: "GET",
      kind: "server",
      startMs: 1_000,
      endMs: 1_100,
      isError: false,
      attributes: { "url.path": "/a", "http.response.status_code": 200, "vilya.app": "shop" },
    });
    for (const each of others) expect([each.traceId, each.parentSpanId]).toEqual([TRACE, root!.spanId]);
  });

  test.each([
    [
      "as a whole",
      {},
      [
        ["receive", 1_000, 1_020],
        ["queue", 1_020, 1_050],
        ["worker", 1_050, 1_100],
      ],
    ],
    [
      "in parts",
      { firstByteMs: 60 },
      [
        ["receive", 1_000, 1_020],
        ["queue", 1_020, 1_050],
        ["worker", 1_050, 1_060],
        ["stream", 1_060, 1_100],
      ],
    ],
    ["by the engine", { queueMs: -1, workMs: -1 }, []],
    [
      "by nobody, from the queue",
      { workMs: -1, queueMs: 40 },
      [
        ["receive", 1_000, 1_060],
        ["queue", 1_060, 1_100],
      ],
    ],
  ])("have the phases of an answer %s", (_, facts, expected) => {
    expect(phases(facts) as unknown).toEqual(expected);
  });

  test.each([
    [{ status: 502 }, true],
    [{ status: 404 }, false],
    [{ outcome: "cut" as const }, true],
    [{ outcome: "abandoned" as const, status: 0 }, false],
  ])("are an error where the server failed: %p", (facts, isError) => {
    expect(spansOf(facts)[0]?.isError).toBe(isError);
  });
});
