import type { CloseCause } from "./monitor.ts";

/** What runs on a connection: a body (HTTP front, worker link, client, broker session). Every call happens on the event loop. */
export interface ConnectionHandler {
  /** Bytes have arrived; `chunk` now belongs to the handler. */
  onBytes(chunk: Buffer): void;
  /** The peer will send nothing more; writing to it may still work. */
  onEnd(): void;
  /** The output that exceeded the high-water mark has fallen below the low one. */
  onDrain(): void;
  /** The deadline set with `setDeadline` has passed. */
  onDeadline(): void;
  /** The connection is gone. Called exactly once, the last call of all. `isWritten` is false when output was lost or half written. */
  onClose(cause: CloseCause, isWritten: boolean): void;
}
