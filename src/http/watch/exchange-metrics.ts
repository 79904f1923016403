import { type DurationCounts, DurationHistogram } from "../../telemetry/duration-histogram.ts";
import type { ExchangeOutcome } from "./exchange-trace.ts";

/** Methods that are told apart; all others are `OTHER`, so that nobody can make up new series. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"] as const;

/** `none`: the client left before an answer was begun. */
export const STATUS_CLASSES = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** Versions of HTTP by the number of `httpMajor`. */
export const HTTP_VERSIONS = ["1", "2", "3"] as const;

/** Requests of one app that are alike. */
export interface RequestCount {
  readonly method: (typeof METHODS)[number];
  readonly statusClass: (typeof STATUS_CLASSES)[number];
  readonly httpVersion: (typeof HTTP_VERSIONS)[number];
  readonly count: number;
}

/** What has been counted of the requests that one app has answered; `app` is null for the engine itself. */
export interface AppExchangeCounts {
  readonly app: string | null;
  readonly requests: readonly RequestCount[];
  readonly outcomes: Readonly<Record<ExchangeOutcome, number>>;
  readonly duration: DurationCounts;
  /** Of requests that waited for a worker, or could have. */
  readonly queue: DurationCounts;
  readonly work: DurationCounts;
  readonly bodyBytes: number;
}

/** The facts of an exchange that are counted. Times are milliseconds, -1 for what did not happen. */
export interface CountedExchange {
  readonly app: string | null;
  /** An index of {@link METHODS}. */
  readonly methodIndex: number;
  readonly httpMajor: 1 | 2 | 3;
  readonly status: number;
  readonly outcome: ExchangeOutcome;
  readonly bodyBytes: number;
  readonly durationMs: number;
  readonly queueMs: number;
  readonly workMs: number;
}

/**
 * Counts the exchanges of a front, by app, by plain additions.
 *
 * Invariant: its memory is bounded by the number of configured apps; nothing that a client sends makes a new counter.
 */
export class ExchangeMetrics {
  readonly #byApp = new Map<string | null, AppCounts>();

  count(exchange: CountedExchange): void {
    let counts = this.#byApp.get(exchange.app);
    if (counts === undefined) this.#byApp.set(exchange.app, (counts = new AppCounts()));
    counts.count(exchange);
  }

  /** What has been counted so far. Makes objects: not for hot paths. */
  snapshot(): readonly AppExchangeCounts[] {
    return [...this.#byApp].map(([app, counts]) => counts.snapshot(app));
  }
}

class AppCounts {
  readonly #requests = new Float64Array(METHODS.length * STATUS_CLASSES.length * HTTP_VERSIONS.length);
  readonly #outcomes: Record<ExchangeOutcome, number> = { answered: 0, upgraded: 0, abandoned: 0, refused: 0, cut: 0 };
  readonly #duration = new DurationHistogram();
  readonly #queue = new DurationHistogram();
  readonly #work = new DurationHistogram();
  #bodyBytes = 0;

  count(exchange: CountedExchange): void {
    const { methodIndex, httpMajor, status } = exchange;
    const statusClass = status >= 100 && status < 600 ? Math.floor(status / 100) : 0;
    const index = (methodIndex * STATUS_CLASSES.length + statusClass) * HTTP_VERSIONS.length + httpMajor - 1;
    this.#requests[index]!++;
    this.#outcomes[exchange.outcome]++;
    this.#duration.observe(exchange.durationMs);
    this.#queue.observe(exchange.queueMs);
    this.#work.observe(exchange.workMs);
    this.#bodyBytes += exchange.bodyBytes;
  }

  snapshot(app: string | null): AppExchangeCounts {
    const requests: RequestCount[] = [];
    for (const [index, count] of this.#requests.entries()) {
      if (count === 0) continue;
      const kind = Math.floor(index / HTTP_VERSIONS.length);
      requests.push({
        method: METHODS[Math.floor(kind / STATUS_CLASSES.length)]!,
        statusClass: STATUS_CLASSES[kind % STATUS_CLASSES.length]!,
        httpVersion: HTTP_VERSIONS[index % HTTP_VERSIONS.length]!,
        count,
      });
    }
    return {
      app,
      requests,
      outcomes: { ...this.#outcomes },
      duration: this.#duration.snapshot(),
      queue: this.#queue.snapshot(),
      work: this.#work.snapshot(),
      bodyBytes: this.#bodyBytes,
    };
  }
}
