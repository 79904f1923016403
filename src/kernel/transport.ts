import { formatSocketAddress, unmapIpv4 } from "./socket-address.ts";

/**
 * What a connection needs of a socket. The runtime's sockets have this shape; their names promise other things than they do, so this is
 * what was measured.
 */
export interface Transport {
  /** Undefined for Unix sockets, and for a closed one that was not asked before. */
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
  /** The descriptor that bytes written go to as they are; undefined or negative where there is none, such as for TLS. */
  readonly fd?: number | undefined;
  /** Undefined for Unix sockets and closed ones. */
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  /**
   * Returns how many bytes were taken, 0 when none fit, a negative number when nothing can be written any more. What was received before
   * that can still be read.
   */
  write(bytes: Uint8Array, start: number, count: number): number;
  /** No chunk arrives after this, not even one of those the kernel holds. The peer's close goes unnoticed, a reset does not. */
  pause(): void;
  resume(): void;
  /** Closes both directions at once. The kernel sends on what it has taken, or resets when there is unread input. */
  end(): void;
  /** Closes at once with a reset. */
  terminate(): void;
  /** Closes the sending side. (With `true` the runtime's sockets close the *receiving* side.) */
  shutdown(): void;
}

/** Who a peer is that has left before it was asked. */
export const UNKNOWN_PEER = "unknown";

/**
 * The peer of an open socket as `address:port` (IPv6 in brackets), `unix:` for a Unix socket, whose peers have no address, or `UNKNOWN_PEER` for one
 * that has reset its connection: the system forgets its address then, while what it sent can still be read.
 */
export function remoteAddressOf(socket: Transport): string {
  const { remoteAddress, remotePort } = socket;
  const isForgotten = remoteAddress === undefined || remotePort === undefined;
  return isForgotten && socket.localAddress !== undefined ? UNKNOWN_PEER : format(remoteAddress, remotePort);
}

/** Our own end of an open socket, written as the peer's is. The path of a Unix socket is known to who listens on it. */
export function localAddressOf({ localAddress, localPort }: Transport): string {
  return format(localAddress, localPort);
}

function format(host: string | undefined, port: number | undefined): string {
  return host === undefined || port === undefined ? "unix:" : formatSocketAddress({ host: unmapIpv4(host), port });
}
