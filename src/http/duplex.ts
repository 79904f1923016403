import type { Connection } from "../kernel/connection.ts";

/**
 * A stream of bytes each way, as a protocol that took over from HTTP sees it: the whole connection after an upgrade of HTTP/1.1, or one
 * stream of a connection that is shared. Whatever it is, it calls a `ConnectionHandler`.
 */
export type Duplex = Pick<
  Connection,
  | "remoteAddress"
  | "outputBytes"
  | "isAboveHighWater"
  | "output"
  | "write"
  | "writeNow"
  | "pause"
  | "resume"
  | "setDeadline"
  | "clearDeadline"
  | "closeAfterFlush"
  | "linger"
  | "close"
>;
