import type { WebSocketConfig } from "../../config/server-config.ts";

/** What is due for a client that has been silent, and when to look again. */
export interface KeepAliveStep {
  readonly action: "wait" | "ping" | "close";
  /** `Infinity` when nothing will be due. */
  readonly delayMs: number;
}

/**
 * A ping for each interval of silence, and the end when it has lasted too long: a client that is there answers, and its silence begins
 * anew. A socket needs one deadline for both, and a client that talks costs it nothing.
 *
 * @param silenceMs since the client was heard last.
 */
export function keepAlive(silenceMs: number, { pingIntervalMs, idleMs }: WebSocketConfig): KeepAliveStep {
  const idleLeftMs = idleMs === 0 ? Infinity : idleMs - silenceMs;
  if (idleLeftMs <= 0) return { action: "close", delayMs: Infinity };
  if (pingIntervalMs === 0) return { action: "wait", delayMs: idleLeftMs };
  const pingLeftMs = pingIntervalMs - silenceMs;
  if (pingLeftMs > 0) return { action: "wait", delayMs: Math.min(pingLeftMs, idleLeftMs) };
  return { action: "ping", delayMs: Math.min(pingIntervalMs, idleLeftMs) };
}
