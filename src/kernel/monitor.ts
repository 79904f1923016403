import type { ArrivalFailure } from "./arrival-failure.ts";

/** What a connection tells its owner's observer. Events carry facts, not text: whoever listens decides what is logged and counted. */
export type MonitorEvent =
  | { readonly kind: "accepted" }
  | { readonly kind: "refused"; readonly reason: "connection-limit" }
  /** An accepted socket came to nothing before it was a connection. */
  | { readonly kind: "arrival-failed"; readonly failure: ArrivalFailure; readonly error: Error | null }
  | { readonly kind: "connected"; readonly epoch: number }
  | { readonly kind: "closed"; readonly cause: CloseCause }
  | { readonly kind: "poisoned"; readonly error: Error }
  | { readonly kind: "paused" }
  | { readonly kind: "resumed" }
  | { readonly kind: "reconnecting"; readonly attempt: number; readonly delayMs: number };

/**
 * Why a connection is closed: `local` we closed it, `peer` the other side did, `reset` the network or the peer broke it,
 * `stalled` it took no byte of waiting output for the stall limit, `poisoned` framing was lost or a write was abandoned half way.
 */
export type CloseCause = "local" | "peer" | "reset" | "stalled" | "poisoned";

/** Observes connections. Called synchronously on their paths: it does not throw and does not block. */
export type Monitor = (event: MonitorEvent) => void;

/** The monitor of whoever does not observe. */
export const unobserved: Monitor = () => {};
