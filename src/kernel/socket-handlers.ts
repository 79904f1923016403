import type { SocketHandler } from "bun";

import type { Connection } from "./connection.ts";

/**
 * The runtime's socket callbacks, shared by every connection of a listener or dialer: they only find the connection and tell it. `open` is
 * the one thing that differs.
 */
export function socketHandlers(
  open: NonNullable<SocketHandler<Connection, "buffer">["open"]>,
): SocketHandler<Connection, "buffer"> {
  return {
    binaryType: "buffer",
    open,
    // A socket refused in `open` has no connection and may still deliver what was under way.
    data: (socket, chunk) => socket.data?.receive(chunk),
    drain: (socket) => socket.data?.drain(),
    end: (socket) => socket.data?.end(),
    close: (socket, error) => socket.data?.socketClosed(error instanceof Error),
    // What a callback above has thrown: a bug in `Connection` itself.
    error: (socket, error) => socket.data?.poison(error),
  };
}
