import type { Connection } from "./connection.ts";
import type { CloseCause, Monitor } from "./monitor.ts";
import type { TimerWheel } from "./timer-wheel.ts";

/** Whose connection it is: the listener that accepted it, the reconnector that dialed it. */
export interface ConnectionOwner {
  /** Called before the handler's `onClose`. */
  onConnectionClosed(connection: Connection, cause: CloseCause): void;
}

/** What a listener or dialer gives every connection it makes. */
export interface ConnectionOptions {
  readonly wheel: TimerWheel;
  readonly monitor: Monitor;
  /** A peer that takes none of the waiting output for this long is cut off (`stalled`); 0 waits for ever. */
  readonly stallMs: number;
}
