import type { Connection } from "../kernel/connection.ts";
import { isHttpConnection } from "./http-connection.ts";

/** What is spoken on connections; `none`: nothing yet, or they closed before they said anything. */
export const TRAFFIC_PROTOCOLS = ["none", "h1", "h2", "websocket"] as const;

type TrafficProtocol = (typeof TRAFFIC_PROTOCOLS)[number];

/** What has gone over the connections of one protocol. A connection counts for what is spoken on it last, with all of its bytes. */
export interface ProtocolTraffic {
  /** Connections that are open. */
  connectionCount: number;
  /** Connections that are closed. */
  closedCount: number;
  /** Without the bytes of TLS. */
  receivedBytes: number;
  /** Bytes that the socket has taken, without those of TLS. */
  sentBytes: number;
}

/** By protocol. */
export type TrafficCounts = Readonly<Record<TrafficProtocol, Readonly<ProtocolTraffic>>>;

/** Counts what has gone over the connections of a listener: each one is looked at when it closes, and when somebody asks. */
export class Traffic {
  readonly #closed = noTraffic();

  /** A connection is gone. */
  noteClosed(connection: Connection): void {
    const counts = this.#closed[protocolOf(connection)];
    counts.closedCount++;
    addBytes(counts, connection);
  }

  /** Of all connections so far, with those that are `open`. */
  total(open: Iterable<Connection>): TrafficCounts {
    const total = noTraffic();
    for (const protocol of TRAFFIC_PROTOCOLS) Object.assign(total[protocol], this.#closed[protocol]);
    for (const connection of open) {
      const counts = total[protocolOf(connection)];
      counts.connectionCount++;
      addBytes(counts, connection);
    }
    return total;
  }
}

function protocolOf({ handler }: Connection): TrafficProtocol {
  if (!isHttpConnection(handler)) return "websocket";
  return handler.protocol ?? "none";
}

function addBytes(counts: ProtocolTraffic, { receivedBytes, sentBytes }: Connection): void {
  counts.receivedBytes += receivedBytes;
  counts.sentBytes += sentBytes;
}

function noTraffic(): Record<TrafficProtocol, ProtocolTraffic> {
  return { none: zero(), h1: zero(), h2: zero(), websocket: zero() };
}

function zero(): ProtocolTraffic {
  return { connectionCount: 0, closedCount: 0, receivedBytes: 0, sentBytes: 0 };
}
