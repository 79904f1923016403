/** One span as OTLP has it. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  /** `null` for the root of a trace. */
  readonly parentSpanId: string | null;
  readonly name: string;
  readonly kind: "internal" | "server";
  /** Milliseconds since the epoch, with what a clock has behind the point. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, string | number>>;
  readonly isError: boolean;
}

/** What a span belongs to: the process, by OpenTelemetry's semantic conventions. */
export type Resource = Readonly<Record<string, string>>;

/** OTLP 1.x, trace.proto. */
const KINDS = { internal: 1, server: 2 } as const;
const STATUS_ERROR = 2;

/** Writes spans as the body of an OTLP request, in the JSON form of its messages. */
export function encodeSpans(spans: readonly Span[], resource: Resource, version: string): string {
  return JSON.stringify({
    resourceSpans: [
      {
        resource: { attributes: attributesOf(resource) },
        scopeSpans: [{ scope: { name: "vilya", version }, spans: spans.map(encodeSpan) }],
      },
    ],
  });
}

function encodeSpan({ traceId, spanId, parentSpanId, name, kind, startMs, endMs, attributes, isError }: Span): object {
  return {
    traceId,
    spanId,
    ...(parentSpanId !== null && { parentSpanId }),
    name,
    kind: KINDS[kind],
    startTimeUnixNano: nanoseconds(startMs),
    endTimeUnixNano: nanoseconds(Math.max(startMs, endMs)),
    attributes: attributesOf(attributes),
    ...(isError && { status: { code: STATUS_ERROR } }),
  };
}

function attributesOf(attributes: Readonly<Record<string, string | number>>): readonly object[] {
  return Object.entries(attributes).map(([key, value]) => ({
    key,
    value: typeof value === "string" ? { stringValue: value } : { intValue: String(Math.round(value)) },
  }));
}

/** A 64-bit integer in decimal, as JSON has it: more than a double holds. */
function nanoseconds(ms: number): string {
  const whole = Math.floor(ms);
  return `${whole}${String(Math.floor((ms - whole) * 1e6)).padStart(6, "0")}`;
}
