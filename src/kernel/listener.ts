import { readBoundPort, setBacklog, UNIX_SOCKET_MODE } from "./bound-socket.ts";
import { Connection, type ConnectionHandler } from "./connection.ts";
import type { ConnectionOptions, ConnectionOwner } from "./connection-options.ts";
import { ListenError } from "./listen-error.ts";
import type { SocketAddress } from "./socket-address.ts";
import { socketHandlers } from "./socket-handlers.ts";
import { removeStaleSocket } from "./stale-socket.ts";

/**
 * Where to listen: a TCP address, a Unix socket path (0600; a socket there whose process is gone is replaced), or a listening descriptor
 * that somebody handed over and that now belongs to the listener.
 */
export type ListenAddress = SocketAddress | { readonly fd: number };

/** Where a listener listens, and what its connections get. */
export interface ListenerOptions extends ConnectionOptions {
  readonly address: ListenAddress;
  /** Open connections above this are closed as soon as they are accepted, and counted. Keep it below the process's limit of open files. */
  readonly connectionCountMax: number;
  /** Makes what runs on a new connection. What it throws closes that connection. */
  readonly accept: (connection: Connection) => ConnectionHandler;
}

type Server = Bun.TCPSocketListener<Connection> | Bun.UnixSocketListener<Connection>;
type ServerOptions = Pick<Bun.TCPSocketListenOptions<Connection>, "socket" | "allowHalfOpen">;

/**
 * Accepts connections and hands each one to its handler. Invariant: `connectionCount` never exceeds `connectionCountMax`, so a listener
 * cannot run the process out of descriptors; who comes above it is refused and reported to the monitor.
 */
export class Listener implements ConnectionOwner {
  readonly #server: Server;
  readonly #options: ListenerOptions;
  readonly #connections = new Set<Connection>();
  #refusedCount = 0;

  /** @throws {ListenError} */
  constructor(options: ListenerOptions) {
    this.#options = options;
    const socket = socketHandlers((raw) => this.#accept(raw));
    this.#server = listen(options.address, { socket, allowHalfOpen: true });
  }

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    const { address } = this.#options;
    if ("fd" in address) return readBoundPort(address.fd);
    return (this.#server as Partial<Bun.TCPSocketListener>).port ?? 0;
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

  /** @internal */
  onConnectionClosed(connection: Connection): void {
    this.#connections.delete(connection);
  }

  #accept(raw: Bun.Socket<Connection>): void {
    const { monitor, connectionCountMax, accept } = this.#options;
    if (this.#connections.size >= connectionCountMax) {
      this.#refusedCount++;
      monitor({ kind: "refused", reason: "connection-limit" });
      raw.terminate();
      return;
    }
    const connection = new Connection(raw, this.#options);
    raw.data = connection;
    connection.owner = this;
    this.#connections.add(connection);
    monitor({ kind: "accepted" });
    connection.start(accept);
  }
}

function listen(address: ListenAddress, options: ServerOptions): Server {
  const server = open(address, options);
  // The runtime asks for 511 waiting connections, also on a socket whose owner has asked for more.
  setBacklog((server as unknown as { readonly fd: number }).fd);
  return server;
}

function open(address: ListenAddress, options: ServerOptions): Server {
  // `fd` works and is missing from the runtime's types.
  if ("fd" in address)
    return Bun.listen({ ...options, fd: address.fd } as unknown as Bun.TCPSocketListenOptions<Connection>);
  try {
    if ("host" in address) return Bun.listen({ ...options, hostname: address.host, port: address.port });
    removeStaleSocket(address.path);
    return openOnPath(address.path, options);
  } catch (error) {
    const { code = "EIO" } = error as NodeJS.ErrnoException;
    throw new ListenError(address, code, { cause: error });
  }
}

/** The file gets what the umask leaves of its mode, and must never be open to others, not even before a chmod. */
function openOnPath(path: string, options: ServerOptions): Server {
  const umask = process.umask(~UNIX_SOCKET_MODE & 0o777);
  try {
    return Bun.listen({ ...options, unix: path });
  } finally {
    process.umask(umask);
  }
}
