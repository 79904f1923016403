import type { ConnectionHandler } from "../kernel/connection-handler.ts";

/** How long after the end of accepting a connection may bring its first request: no answer has told its client yet to go elsewhere. */
export const FIRST_REQUEST_MS = 500;

/** A client's connection, whatever version of HTTP it speaks, as its listener sees it. */
export interface HttpConnection extends ConnectionHandler {
  /** The listener drains: whoever can tell its client before its next response does. */
  announceClose(): void;
  /** The last step of a drain: closes the connection if that loses nothing, and otherwise as soon as it does not. */
  closeIfIdle(): void;
  /** True while nothing but the close tells the client where its response ends (HTTP/1.0): closing in good order would lie. */
  readonly isEndedByClose: boolean;
  /** What is spoken; `null` until that is known. */
  readonly protocol: "h1" | "h2" | null;
}

/** False for what took over from HTTP on a connection. */
export function isHttpConnection(handler: ConnectionHandler): handler is HttpConnection {
  return "closeIfIdle" in handler;
}
