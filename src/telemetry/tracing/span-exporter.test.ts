import { describe, expect, test } from "bun:test";

import { PATIENCE_MS } from "../../../test/support/until.ts";
import { RecordingLog } from "../../../test/support/recording-log.ts";
import type { Span } from "./span.ts";
import { SpanExporter, type SpanExporterOptions, WAITING_SPAN_COUNT_MAX } from "./span-exporter.ts";

const SPAN: Span = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "00f067aa0ba902b7",
  parentSpanId: null,
  name: "GET",
  kind: "server",
  startMs: 1_700_000_000_000.25,
  endMs: 1_700_000_000_001.5,
  attributes: { "http.response.status_code": 200, "url.path": "/a" },
  isError: false,
};

/** A collector that answers with `status`, and what it was sent. */
function collector(status: number) {
  const requests: { readonly path: string; readonly authorization: string | null; readonly body: string }[] = [];
  const server = Bun.serve({
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      requests.push({
        path: pathname,
        authorization: request.headers.get("authorization"),
        body: await request.text(),
      });
      return new Response("{}", { status });
    },
  });
  return { requests, url: `http://127.0.0.1:${server.port}`, [Symbol.asyncDispose]: () => server.stop(true) };
}

const post: SpanExporterOptions["post"] = async ({ url, headers, body, timeoutMs }) =>
  (await fetch(url, { method: "POST", headers, body, signal: AbortSignal.timeout(timeoutMs) })).status;

function exporterTo(endpoint: string, send: SpanExporterOptions["post"] = post) {
  const log = new RecordingLog();
  const resource = { "service.name": "shop" };
  const headers = { Authorization: "Bearer x" };
  return { log, exporter: new SpanExporter({ endpoint, headers, resource, version: "0.1.0", post: send, log }) };
}

describe("SpanExporter", () => {
  test("sends spans together, as OTLP has them in JSON", async () => {
    await using otlp = collector(200);
    const { exporter } = exporterTo(otlp.url);
    exporter.add([SPAN]);
    exporter.add([{ ...SPAN, parentSpanId: SPAN.spanId, kind: "internal", isError: true }]);
    await exporter.close(PATIENCE_MS);
    expect(exporter.sentCount).toBe(2);
    expect(otlp.requests).toHaveLength(1);
    expect(otlp.requests[0]).toMatchObject({ path: "/v1/traces", authorization: "Bearer x" });
    const { resourceSpans } = JSON.parse(otlp.requests[0]!.body);
    expect(resourceSpans[0].resource.attributes).toEqual([{ key: "service.name", value: { stringValue: "shop" } }]);
    const [root, child] = resourceSpans[0].scopeSpans[0].spans;
    expect(root).toEqual({
      traceId: SPAN.traceId,
      spanId: SPAN.spanId,
      name: "GET",
      kind: 2,
      startTimeUnixNano: "1700000000000250000",
      endTimeUnixNano: "1700000000001500000",
      attributes: [
        { key: "http.response.status_code", value: { intValue: "200" } },
        { key: "url.path", value: { stringValue: "/a" } },
      ],
    });
    expect(child).toMatchObject({ parentSpanId: SPAN.spanId, kind: 1, status: { code: 2 } });
  });

  test("keeps the path of an endpoint that has one", async () => {
    await using otlp = collector(200);
    const { exporter } = exporterTo(`${otlp.url}/otlp/v1/traces`);
    exporter.add([SPAN]);
    await exporter.close(PATIENCE_MS);
    expect(otlp.requests[0]?.path).toBe("/otlp/v1/traces");
  });

  test("drops and counts what a collector refuses, and complains once", async () => {
    await using otlp = collector(503);
    const { exporter, log } = exporterTo(otlp.url);
    for (let count = 0; count < 3; count++) {
      exporter.add([SPAN]);
      await exporter.close(PATIENCE_MS);
    }
    expect([exporter.sentCount, exporter.droppedCount]).toEqual([0, 3]);
    expect(log.events.map(({ event, fields }) => [event, fields["reason"]])).toEqual([
      ["spans not taken by the collector", "it answers 503"],
    ]);
  });

  test("keeps a bounded number of spans for a collector that does not answer", async () => {
    const { exporter } = exporterTo("http://collector.test", () => new Promise(() => {}));
    for (let count = 0; count < 2 * WAITING_SPAN_COUNT_MAX; count++) exporter.add([SPAN]);
    expect(exporter.droppedCount).toBeGreaterThan(1_000);
    await exporter.close(50);
    expect(exporter.sentCount).toBe(0);
  });
});
