/** What a front counts of its HTTP traffic since it started, by plain additions on the hot path. */
export class HttpCounters {
  /** Requests whose head was complete and valid. */
  requests = 0;
  /** Responses that were handed to the connection, the engine's own included. */
  responses = 0;
  /** Requests refused by the protocol: malformed, too large, too slow. */
  protocolErrors = 0;
  /** Exchanges whose client left before the answer. */
  abandoned = 0;
  /** Connections cut at the head, body or write deadline. */
  timedOut = 0;
  /** Sockets that came to nothing before they were a connection: TLS handshakes and PROXY headers that failed or took too long. */
  failedArrivals = 0;
  /** Bodies that could not be stored. */
  spoolFailures = 0;
}
