import type { ExchangeOutcome } from "./exchange-trace.ts";

/** Upper bounds of durations in milliseconds, inclusive; what takes longer is in the last bucket, which has none. */
export const DURATION_BOUNDS_MS: readonly number[] = [
  0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000,
];

/** Methods that are told apart; all others are `OTHER`, so that nobody can make up new series. */
export const METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "OTHER"] as const;

/** `none`: the client left before an answer was begun. */
export const STATUS_CLASSES = ["none", "1xx", "2xx", "3xx", "4xx", "5xx"] as const;

/** Versions of HTTP by the number of `httpMajor`. */
export const HTTP_VERSIONS = ["1", "2", "3"] as const;

/** How often something took how long. */
export interface DurationHistogram {
  /** Not cumulative; one more than there are bounds. */
  readonly counts: readonly number[];
  readonly sumMs: number;
}

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
  readonly duration: DurationHistogram;
  /** Of requests that waited for a worker, or could have. */
  readonly queue: DurationHistogram;
  readonly work: DurationHistogram;
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
  readonly #duration = new Histogram();
  readonly #queue = new Histogram();
  readonly #work = new Histogram();
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

class Histogram {
  readonly #counts = new Float64Array(DURATION_BOUNDS_MS.length + 1);
  #sumMs = 0;

  /** Leaves out what did not happen. */
  observe(ms: number): void {
    if (ms < 0) return;
    let index = 0;
    while (index < DURATION_BOUNDS_MS.length && ms > DURATION_BOUNDS_MS[index]!) index++;
    this.#counts[index]!++;
    this.#sumMs += ms;
  }

  snapshot(): DurationHistogram {
    return { counts: [...this.#counts], sumMs: this.#sumMs };
  }
}
