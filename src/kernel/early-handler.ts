import type { ConnectionHandler } from "./connection-handler.ts";
import type { CloseCause } from "./monitor.ts";

/** Stands in for a handler that is still being made, and remembers if the connection is closed meanwhile. */
export class EarlyHandler implements ConnectionHandler {
  closeCause: CloseCause | null = null;
  isWritten = false;

  onBytes(): void {}
  onEnd(): void {}
  onDrain(): void {}
  onDeadline(): void {}
  onClose(cause: CloseCause, isWritten: boolean): void {
    this.closeCause = cause;
    this.isWritten = isWritten;
  }
}
