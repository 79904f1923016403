import type { Logger } from "../logger.ts";
import { encodeSpans, type Resource, type Span } from "./span.ts";

/** Spans that may wait, for a collector that is slow or away; past it new ones are dropped. */
export const WAITING_SPAN_COUNT_MAX = 4_096;

/** Spans of one request to the collector. */
const BATCH_SPAN_COUNT_MAX = 512;

/** How long spans gather. */
const BATCH_MS = 1_000;

const TIMEOUT_MS = 5_000;

/** A collector that is away is told of once in a while. */
const COMPLAINT_MS = 60_000;

/** What is added to an endpoint without a path: OTLP/HTTP, "OTLP/HTTP Request". */
const TRACES_PATH = "/v1/traces";

export interface SpanExporterOptions {
  readonly endpoint: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly resource: Resource;
  /** Of the engine. */
  readonly version: string;
  /** Sends JSON. @returns the status. @throws when nobody answers in time. */
  readonly post: (post: {
    readonly url: string;
    readonly headers: Readonly<Record<string, string>>;
    readonly body: string;
    readonly timeoutMs: number;
  }) => Promise<number>;
  readonly log: Logger;
}

/**
 * Sends spans to a collector by OTLP over HTTP, some at a time.
 *
 * Invariant: whoever adds a span never waits, and nothing that the collector does is felt by anyone: what it does not take is dropped and
 * counted. One request is under way at a time.
 */
export class SpanExporter {
  /** Spans that a collector has taken. */
  sentCount = 0;
  /** Spans that it has not, or that found no place. */
  droppedCount = 0;
  readonly #options: SpanExporterOptions;
  readonly #url: string;
  readonly #waiting: Span[] = [];
  #timer: NodeJS.Timeout | null = null;
  #sending: Promise<void> | null = null;
  #complainedMs = -Infinity;

  constructor(options: SpanExporterOptions) {
    this.#options = options;
    this.#url = urlOf(options.endpoint);
  }

  add(spans: readonly Span[]): void {
    if (this.#waiting.length + spans.length > WAITING_SPAN_COUNT_MAX) {
      this.droppedCount += spans.length;
      return;
    }
    this.#waiting.push(...spans);
    if (this.#waiting.length >= BATCH_SPAN_COUNT_MAX) this.#send();
    else this.#timer ??= setTimeout(() => this.#send(), BATCH_MS).unref();
  }

  /** Sends what is left, for at most so long. */
  async close(deadlineMs: number): Promise<void> {
    const deadline = Promise.withResolvers<void>();
    const timer = setTimeout(deadline.resolve, deadlineMs);
    await Promise.race([this.#drain(), deadline.promise]);
    clearTimeout(timer);
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0 || this.#sending !== null) {
      this.#send();
      await this.#sending;
    }
  }

  #send(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#sending !== null || this.#waiting.length === 0) return;
    this.#sending = this.#post(this.#waiting.splice(0, BATCH_SPAN_COUNT_MAX)).finally(() => {
      this.#sending = null;
      if (this.#waiting.length > 0) this.#timer ??= setTimeout(() => this.#send(), BATCH_MS).unref();
    });
  }

  async #post(spans: readonly Span[]): Promise<void> {
    const { headers, resource, version, post } = this.#options;
    try {
      const body = encodeSpans(spans, resource, version);
      const status = await post({ url: this.#url, headers, body, timeoutMs: TIMEOUT_MS });
      if (status >= 200 && status < 300) this.sentCount += spans.length;
      else this.#drop(spans, `it answers ${status}`);
    } catch (error) {
      this.#drop(spans, (error as Error).message);
    }
  }

  /** The collector's own words stay away: they may hold what was sent. */
  #drop(spans: readonly Span[], reason: string): void {
    this.droppedCount += spans.length;
    const nowMs = performance.now();
    if (nowMs - this.#complainedMs < COMPLAINT_MS) return;
    this.#complainedMs = nowMs;
    const { origin } = new URL(this.#url);
    this.#options.log.warn("spans not taken by the collector", { collector: origin, reason, spanCount: spans.length });
  }
}

function urlOf(endpoint: string): string {
  const url = new URL(endpoint);
  if (url.pathname === "/" || url.pathname === "") url.pathname = TRACES_PATH;
  return url.href;
}
