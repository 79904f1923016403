import type { RateLimitConfig } from "../../config/route-policy-config.ts";

/** Clients that are remembered by one limit; the one that was heard of longest ago is forgotten for a new one. */
export const BUCKET_COUNT_MAX = 100_000;

/** What a client has left. */
export interface BucketState {
  readonly isAllowed: boolean;
  readonly remainingCount: number;
  /** Until the bucket is full again. */
  readonly fullInMs: number;
  /** Until a request would be allowed; 0 where this one was. */
  readonly retryInMs: number;
}

/**
 * A token bucket for each client, kept as one number: the time at which the bucket will be full again (the generic cell rate algorithm,
 * ITU-T I.371). Requests that are refused take nothing.
 */
export class TokenBuckets {
  readonly #intervalMs: number;
  readonly #burstCount: number;
  readonly #countMax: number;
  /** In the order in which they were last taken from. */
  readonly #fullAtMs = new Map<string, number>();

  constructor({ requestCount, periodMs, burstCount }: RateLimitConfig, countMax: number = BUCKET_COUNT_MAX) {
    this.#intervalMs = periodMs / requestCount;
    this.#burstCount = burstCount;
    this.#countMax = countMax;
  }

  /** Clients that are remembered. */
  get count(): number {
    return this.#fullAtMs.size;
  }

  /** Takes one token of a client, if it has one. */
  take(client: string, nowMs: number): BucketState {
    const fullAtMs = Math.max(this.#fullAtMs.get(client) ?? 0, nowMs);
    const nextMs = fullAtMs + this.#intervalMs;
    const excessMs = nextMs - nowMs - this.#burstCount * this.#intervalMs;
    // Sums of fractions of a millisecond are not exact.
    if (excessMs > 1e-6)
      return { isAllowed: false, remainingCount: 0, fullInMs: fullAtMs - nowMs, retryInMs: excessMs };
    this.#remember(client, nextMs);
    const remainingCount = Math.floor(-excessMs / this.#intervalMs + 1e-6);
    return { isAllowed: true, remainingCount, fullInMs: nextMs - nowMs, retryInMs: 0 };
  }

  #remember(client: string, fullAtMs: number): void {
    const known = this.#fullAtMs;
    known.delete(client);
    known.set(client, fullAtMs);
    if (known.size <= this.#countMax) return;
    for (const oldest of known.keys()) {
      known.delete(oldest);
      return;
    }
  }
}
