import { chmodSync } from "node:fs";

import { Connection, type ConnectionHandler, type ConnectionOptions, type Transport } from "./connection.ts";
import { socketHandlers } from "./socket-handlers.ts";

/** Where to listen: a TCP address, a Unix socket path, or a listening descriptor that a parent process handed down. */
export type ListenAddress =
  | { readonly host: string; readonly port: number }
  | { readonly path: string }
  | { readonly fd: number };

export interface ListenerOptions extends ConnectionOptions {
  readonly address: ListenAddress;
  /** Open connections above this are closed as soon as they are accepted, and counted. Keep it below the process's limit of open files. */
  readonly connectionCountMax: number;
  /** Makes what runs on a new connection. */
  readonly accept: (connection: Connection) => ConnectionHandler;
}

/** Unix sockets answer their owner only. */
const UNIX_SOCKET_MODE = 0o600;

/**
 * Accepts connections and hands each one to its handler. Invariant: `connectionCount` never exceeds `connectionCountMax`, so a listener
 * cannot run the process out of descriptors; who comes above it is refused and reported to the monitor.
 */
export class Listener {
  readonly #server: Bun.TCPSocketListener<Connection> | Bun.UnixSocketListener<Connection>;
  readonly #options: ListenerOptions;
  readonly #connections = new Set<Connection>();
  #refusedCount = 0;

  /** @throws the runtime's error (`code: "EADDRINUSE"`, …) when the address cannot be listened on. */
  constructor(options: ListenerOptions) {
    this.#options = options;
    const { address } = options;
    const socket = socketHandlers((raw) => this.#accept(raw));
    const common = { socket, allowHalfOpen: true };
    if ("path" in address) {
      this.#server = Bun.listen<Connection>({ ...common, unix: address.path });
      chmodSync(address.path, UNIX_SOCKET_MODE);
    } else if ("fd" in address) {
      // `fd` works and is missing from the runtime's types.
      const inherited = { ...common, fd: address.fd } as unknown as Bun.TCPSocketListenOptions<Connection>;
      this.#server = Bun.listen<Connection>(inherited);
    } else {
      this.#server = Bun.listen<Connection>({ ...common, hostname: address.host, port: address.port });
    }
  }

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    return "port" in this.#server ? this.#server.port : 0;
  }

  get connectionCount(): number {
    return this.#connections.size;
  }

  /** How many connections were closed at once because `connectionCountMax` was reached. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** The open connections, oldest first. */
  get connections(): Iterable<Connection> {
    return this.#connections;
  }

  /** Stops accepting; open connections go on. */
  stop(): void {
    this.#server.stop(false);
  }

  #accept(raw: Bun.Socket<Connection>): void {
    const { monitor, connectionCountMax, accept } = this.#options;
    if (this.#connections.size >= connectionCountMax) {
      this.#refusedCount++;
      monitor({ kind: "refused", reason: "connection-limit" });
      raw.terminate();
      return;
    }
    const connection = new Connection(raw as Transport, this.#options);
    raw.data = connection;
    connection.owners = this.#connections;
    this.#connections.add(connection);
    monitor({ kind: "accepted" });
    connection.handler = accept(connection);
  }
}
