import type { ConnectionHandler } from "../kernel/connection.ts";

/** A client's connection, whatever version of HTTP it speaks, as its listener sees it. */
export interface HttpConnection extends ConnectionHandler {
  /** The listener drains: whoever can tell its client before its next response does. */
  announceClose(): void;
  /** The last step of a drain: closes the connection if that loses nothing, and otherwise as soon as it does not. */
  closeIfIdle(): void;
}
