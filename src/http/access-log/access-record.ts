import type { ExchangeOutcome } from "../watch/exchange-trace.ts";

/** What is known of an exchange when it has ended. */
export interface AccessRecord {
  /** Who answered; `null` for the engine itself. */
  readonly app: string | null;
  /** Whose password was right, as octets of UTF-8; `null` where nobody was asked. */
  readonly user: string | null;
  readonly outcome: ExchangeOutcome;
  /** 0 when no response was begun. */
  readonly status: number;
  readonly bodyBytes: number;
  /** Milliseconds since the epoch at the request's arrival. */
  readonly arrivedMs: number;
  readonly durationMs: number;
  /** Until the answer was begun; -1 when it was not. */
  readonly firstByteMs: number;
  /** -1 for a request that waited for no worker. */
  readonly queueMs: number;
  /** -1 for a request that no worker began with. */
  readonly workMs: number;
}
