import type { ExchangeOutcome } from "./exchange-trace.ts";

/** How many of the slowest requests are kept. */
export const SLOW_REQUEST_COUNT_MAX = 20;

/** A request stays in view for at least one window, and at most two. */
const WINDOW_MS = 300_000;

/** A longer path is cut. */
const PATH_LENGTH_MAX = 200;

/** One slow request and where its time went. Times that did not happen are -1. */
export interface SlowRequest {
  /** Milliseconds since the epoch. */
  readonly arrivedMs: number;
  readonly method: string;
  /** Without the query, which is where secrets are. */
  readonly path: string;
  /** `null` for the engine itself. */
  readonly app: string | null;
  readonly status: number;
  readonly outcome: ExchangeOutcome;
  /** How long its client waited for the beginning of the answer, or for its end where it came as a whole or not at all. */
  readonly latencyMs: number;
  readonly durationMs: number;
  /** Until its worker began with it. */
  readonly queueMs: number;
  readonly workMs: number;
}

/** Keeps the requests of the last five to ten minutes that clients waited for longest: a stream is not slow for going on. A request that is not among them costs one comparison. */
export class SlowRequests {
  /** Slowest first. */
  #current: SlowRequest[] = [];
  #previous: readonly SlowRequest[] = [];
  #windowEndsMs = -Infinity;
  /** What a request has to take longer than to be kept. */
  #thresholdMs = 0;

  /** Whether a request of this latency would be kept: ask before making one. */
  wants(latencyMs: number, nowMs: number): boolean {
    if (nowMs >= this.#windowEndsMs) this.#turn(nowMs);
    return latencyMs > this.#thresholdMs;
  }

  add(request: SlowRequest): void {
    const kept = this.#current;
    const index = kept.findIndex(({ latencyMs }) => latencyMs < request.latencyMs);
    const path = request.path.length > PATH_LENGTH_MAX ? `${request.path.slice(0, PATH_LENGTH_MAX)}…` : request.path;
    kept.splice(index === -1 ? kept.length : index, 0, { ...request, path });
    if (kept.length > SLOW_REQUEST_COUNT_MAX) kept.pop();
    if (kept.length === SLOW_REQUEST_COUNT_MAX) this.#thresholdMs = kept.at(-1)!.latencyMs;
  }

  /** Slowest first. */
  list(nowMs: number): readonly SlowRequest[] {
    if (nowMs >= this.#windowEndsMs) this.#turn(nowMs);
    return [...this.#current, ...this.#previous]
      .toSorted((a, b) => b.latencyMs - a.latencyMs)
      .slice(0, SLOW_REQUEST_COUNT_MAX);
  }

  #turn(nowMs: number): void {
    this.#previous = nowMs < this.#windowEndsMs + WINDOW_MS ? this.#current : [];
    this.#current = [];
    this.#thresholdMs = 0;
    this.#windowEndsMs = nowMs + WINDOW_MS;
  }
}
