/** What a front counts of its WebSockets since it started. */
export class WebSocketCounters {
  /** Sockets opened. */
  opened = 0;
  /** Messages of clients, whole and valid. */
  messagesReceived = 0;
  /** Messages handed to clients' connections, each subscriber of a topic counted. */
  messagesSent = 0;
  /** Messages left out because their client was slow and `slow_client` is `drop`. */
  messagesDropped = 0;
  /** Sockets failed by what their client sent. */
  protocolErrors = 0;
  /** Sockets closed because their client was slow. */
  slowClients = 0;
  /** Sockets closed because their client was silent, or did not answer a close frame. */
  timedOut = 0;
}
