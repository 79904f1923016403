import type { SocketHandler } from "bun";

import type { SocketOwner } from "./socket-owner.ts";

/**
 * The runtime's socket callbacks, shared by every connection of a listener or dialer: they only find the connection and tell it. `open` is
 * the one thing that differs.
 */
export function socketHandlers<Owner extends SocketOwner | null>(
  open: NonNullable<SocketHandler<Owner, "buffer">["open"]>,
): SocketHandler<Owner, "buffer"> {
  // A socket refused in `open` has no connection and may still deliver what was under way.
  return { ...tlsCarrierHandlers(open), data: (socket, chunk) => socket.data?.receive(chunk) };
}

/**
 * The callbacks of a socket whose bytes only the TLS library reads. Without `data`: the runtime would hand it a copy of everything that is
 * encrypted.
 */
export function tlsCarrierHandlers<Owner extends SocketOwner | null>(
  open: NonNullable<SocketHandler<Owner, "buffer">["open"]>,
): SocketHandler<Owner, "buffer"> {
  return {
    binaryType: "buffer",
    open,
    drain: (socket) => socket.data?.drain(),
    end: (socket) => socket.data?.end(),
    close: (socket, error) => socket.data?.socketClosed(error instanceof Error),
    // What a callback above has thrown: a bug in `Connection` itself.
    error: (socket, error) => socket.data?.poison(error),
  };
}
