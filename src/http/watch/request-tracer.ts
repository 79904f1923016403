import { hashName } from "../../protocols/http/field-block.ts";
import { fieldBlockOf, fieldListOf } from "../../protocols/http/field-list.ts";
import type { Span } from "../../telemetry/tracing/span.ts";
import type { SpanExporter } from "../../telemetry/tracing/span-exporter.ts";
import { newSpanId, newTraceId, parseTraceparent, renderTraceparent } from "../../telemetry/tracing/trace-context.ts";
import type { Exchange } from "../exchange.ts";
import type { ExchangeOutcome } from "./exchange-trace.ts";

const TRACEPARENT = "traceparent";
const TRACEPARENT_HASH = hashName(TRACEPARENT);

/** An error, to a server, is what is not the client's fault. OpenTelemetry, semantic conventions of HTTP. */
const ERROR_STATUS_MIN = 500;

export interface RequestTracerOptions {
  readonly exporter: Pick<SpanExporter, "add">;
  /** Of requests that bring no decision: from 0 to 1. */
  readonly sampleShare: number;
  /** Whether the `traceparent` of requests is believed. */
  readonly isFollowed: boolean;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** What has become of a request. Times are milliseconds; those that did not happen are -1. */
export interface TracedFacts {
  readonly arrivedMs: number;
  readonly method: string;
  readonly path: string;
  readonly httpMajor: 1 | 2 | 3;
  readonly app: string | null;
  readonly status: number;
  readonly outcome: ExchangeOutcome;
  readonly durationMs: number;
  readonly firstByteMs: number;
  readonly queueMs: number;
  readonly workMs: number;
}

/**
 * Decides which requests are traced, and makes spans of them when they have ended: one for the request, and within it `receive`, `queue`,
 * `worker` and `stream`, as far as they took time. What workers do hangs below `worker`: they get its id as their `traceparent`.
 */
export class RequestTracer {
  readonly #options: RequestTracerOptions;

  constructor(options: RequestTracerOptions) {
    this.#options = options;
  }

  /** @returns `null` for a request that is not traced: what it says of traces reaches its worker as it is. */
  begin(exchange: Exchange): RequestSpans | null {
    const { exporter, sampleShare, isFollowed, random } = this.#options;
    const { head } = exchange;
    const at = isFollowed ? head.fields.findHashed(TRACEPARENT, TRACEPARENT_HASH, 0) : -1;
    const parent = at === -1 ? null : parseTraceparent(head.fields.value(at));
    if (!(parent?.isSampled ?? random() < sampleShare)) return null;
    const spans = new RequestSpans(parent?.traceId ?? newTraceId(), parent?.spanId ?? null, exporter);
    const kept = fieldListOf(head.fields).filter(([name]) => name.toLowerCase() !== TRACEPARENT);
    head.fields = fieldBlockOf([...kept, ["Traceparent", spans.traceparent]]);
    return spans;
  }
}

/** The spans of one request. */
export class RequestSpans {
  readonly #traceId: string;
  readonly #parentSpanId: string | null;
  readonly #rootSpanId = newSpanId();
  readonly #workerSpanId = newSpanId();
  readonly #exporter: Pick<SpanExporter, "add">;

  constructor(traceId: string, parentSpanId: string | null, exporter: Pick<SpanExporter, "add">) {
    this.#traceId = traceId;
    this.#parentSpanId = parentSpanId;
    this.#exporter = exporter;
  }

  /** What its worker is told. */
  get traceparent(): string {
    return renderTraceparent({ traceId: this.#traceId, spanId: this.#workerSpanId, isSampled: true });
  }

  /** The request has ended. */
  end(facts: TracedFacts): void {
    const { arrivedMs, durationMs, method, path, httpMajor, app, status, outcome } = facts;
    const root: Span = {
      traceId: this.#traceId,
      spanId: this.#rootSpanId,
      parentSpanId: this.#parentSpanId,
      name: method,
      kind: "server",
      startMs: arrivedMs,
      endMs: arrivedMs + durationMs,
      attributes: {
        "http.request.method": method,
        "url.path": path,
        "network.protocol.version": String(httpMajor),
        ...(status > 0 && { "http.response.status_code": status }),
        ...(app !== null && { "vilya.app": app }),
        "vilya.outcome": outcome,
      },
      isError: status >= ERROR_STATUS_MIN || outcome === "cut",
    };
    this.#exporter.add([root, ...this.#phases(facts, root)]);
  }

  /** Reckoned from the end, which everything that has happened leads up to. */
  #phases({ queueMs, workMs, firstByteMs }: TracedFacts, root: Span): Span[] {
    const { startMs, endMs } = root;
    const workStartMs = workMs < 0 ? endMs : Math.max(startMs, endMs - workMs);
    const queueStartMs = Math.max(startMs, workStartMs - Math.max(0, queueMs));
    const isStreamed = firstByteMs >= 0 && startMs + firstByteMs < endMs;
    const workEndMs = isStreamed ? Math.max(workStartMs, startMs + firstByteMs) : endMs;
    const phase = (name: string, from: number, to: number, spanId: string): Span => {
      const common = {
        traceId: this.#traceId,
        parentSpanId: this.#rootSpanId,
        kind: "internal",
        isError: false,
      } as const;
      return { ...common, spanId, name, startMs: from, endMs: to, attributes: {} };
    };
    return [
      ...(queueMs < 0 ? [] : [phase("receive", startMs, queueStartMs, newSpanId())]),
      ...(queueMs < 0 ? [] : [phase("queue", queueStartMs, workStartMs, newSpanId())]),
      ...(workMs < 0 ? [] : [phase("worker", workStartMs, workEndMs, this.#workerSpanId)]),
      ...(isStreamed ? [phase("stream", workEndMs, endMs, newSpanId())] : []),
    ];
  }
}
