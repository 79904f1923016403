import type { Arrived } from "./arrival.ts";
import type { ArrivalFailure } from "./arrival-failure.ts";
import { type ArrivalOptions, Arrivals } from "./arrivals.ts";
import { readBoundPort, setBacklog, UNIX_SOCKET_MODE } from "./bound-socket.ts";
import { Connection } from "./connection.ts";
import type { ConnectionHandler } from "./connection-handler.ts";
import type { ConnectionOptions, ConnectionOwner } from "./connection-options.ts";
import { ConnectionAllowance } from "./connection-allowance.ts";
import { ListenError } from "./listen-error.ts";
import type { SocketAddress } from "./socket-address.ts";
import { socketHandlers, tlsCarrierHandlers } from "./socket-handlers.ts";
import type { SocketOwner } from "./socket-owner.ts";
import { removeStaleSocket } from "./stale-socket.ts";
import type { TlsCredentialsOptions } from "./tls-credentials.ts";
import { remoteAddressOf, type Transport, UNKNOWN_PEER } from "./transport.ts";

/**
 * Where to listen: a TCP address, a Unix socket path (0600; a socket there whose process is gone is replaced), or a listening descriptor
 * that somebody handed over and that now belongs to the listener.
 */
export type ListenAddress = SocketAddress | { readonly fd: number };

/** Where a listener listens, and what its connections get. */
export interface ListenerOptions extends ConnectionOptions {
  readonly address: ListenAddress;
  /**
   * Connections above this are closed as soon as they are accepted, and counted: a number, or what is shared with other listeners. Keep it
   * below the process's limit of open files.
   */
  readonly connectionCountMax: number | ConnectionAllowance;
  /** Makes what runs on a new connection. What it throws closes that connection. */
  readonly accept: (connection: Connection) => ConnectionHandler;
  /** Told of a connection that is gone, whose counts and handler are still as they were. */
  readonly onClosed?: ((connection: Connection) => void) | undefined;
  /** TLS, or a preface before the connection's own bytes. Sockets on their way count as connections. */
  readonly arrivals?: ArrivalOptions | undefined;
}

type Owner = SocketOwner | null;
type Server = Bun.TCPSocketListener<Owner> | Bun.UnixSocketListener<Owner>;
type ServerOptions = Pick<Bun.TCPSocketListenOptions<Owner>, "socket" | "allowHalfOpen">;

/** A further socket that a listener accepts on. */
export interface FurtherSocket {
  /** Accepts nothing more on it; its connections go on. */
  stop(): void;
}

/**
 * Accepts connections and hands each one to its handler. Invariant: `connectionCount` never exceeds `connectionCountMax`, so a listener
 * cannot run the process out of descriptors; who comes above it is refused and reported to the monitor.
 */
export class Listener implements ConnectionOwner {
  readonly #server: Server;
  readonly #serverOptions: ServerOptions;
  /** By their descriptors. */
  readonly #further = new Map<number, Server>();
  readonly #options: ListenerOptions;
  readonly #connections = new Set<Connection>();
  readonly #arrivals: Arrivals | null;
  readonly #allowance: ConnectionAllowance;
  #refusedCount = 0;

  /** @throws {ListenError} */
  constructor(options: ListenerOptions) {
    this.#options = options;
    const { arrivals, wheel, connectionCountMax } = options;
    this.#allowance =
      typeof connectionCountMax === "number" ? new ConnectionAllowance(connectionCountMax) : connectionCountMax;
    this.#arrivals = arrivals === undefined ? null : new Arrivals(arrivals, wheel, this);
    const isTlsOnly = arrivals?.tls !== undefined && arrivals.openPreface === undefined;
    const handlers = isTlsOnly ? tlsCarrierHandlers : socketHandlers;
    const socket = handlers<Owner>((raw) => this.#accept(raw));
    this.#serverOptions = { socket, allowHalfOpen: true };
    this.#server = listen(options.address, this.#serverOptions);
  }

  /** Accepts on another listening descriptor as well, which belongs to the listener from now on. */
  acceptAlsoOn(fd: number): FurtherSocket {
    const server = listen({ fd }, this.#serverOptions);
    this.#further.set(fd, server);
    return {
      stop: () => {
        if (this.#further.delete(fd)) server.stop(false);
      },
    };
  }

  /** The TCP port; 0 for a Unix socket. */
  get port(): number {
    const { address } = this.#options;
    if ("fd" in address) return readBoundPort(address.fd);
    return (this.#server as Partial<Bun.TCPSocketListener>).port ?? 0;
  }

  /** Open connections, and sockets that are about to be. */
  get connectionCount(): number {
    return this.#connections.size + this.arrivalCount;
  }

  /** Sockets whose preface or TLS handshake is not complete. */
  get arrivalCount(): number {
    return this.#arrivals === null ? 0 : this.#arrivals.count;
  }

  /** How many connections were closed at once because `connectionCountMax` was reached. */
  get refusedCount(): number {
    return this.#refusedCount;
  }

  /** The open connections, oldest first. */
  get connections(): Iterable<Connection> {
    return this.#connections;
  }

  /**
   * Lets no further connection queue up; those that wait are still accepted. What waits when the listener stops is reset by the kernel, so a
   * listener that nobody takes over does this a moment before.
   */
  stopQueueing(): void {
    const { address } = this.#options;
    if ("fd" in address) setBacklog(address.fd, 0);
    for (const fd of this.#further.keys()) setBacklog(fd, 0);
  }

  /** Stops accepting; open connections go on. */
  stop(): void {
    this.#server.stop(false);
    for (const server of this.#further.values()) server.stop(false);
    this.#further.clear();
  }

  /** Closes what is not a connection yet; returns how many there were. */
  closeArrivals(): number {
    return this.#arrivals === null ? 0 : this.#arrivals.close();
  }

  /**
   * Shows other certificates from the next handshake on. No connection notices.
   *
   * @throws {TlsCredentialsError} and goes on with those it had.
   */
  replaceCredentials(options: TlsCredentialsOptions): void {
    this.#arrivals?.replaceCredentials(options);
  }

  /** @internal */
  onArrived({ socket, transport, tls, remoteAddress, received }: Arrived): void {
    const connection = this.#adopt(socket, transport, remoteAddress);
    connection.tls = tls;
    connection.start(this.#options.accept);
    if (received !== null) connection.receive(received);
  }

  /** @internal */
  onArrivalFailed(failure: ArrivalFailure, error: Error | null): void {
    this.#allowance.release();
    this.#options.monitor({ kind: "arrival-failed", failure, error });
  }

  /** @internal */
  onConnectionClosed(connection: Connection): void {
    this.#connections.delete(connection);
    this.#options.onClosed?.(connection);
    this.#allowance.release();
  }

  #accept(raw: Bun.Socket<Owner>): void {
    const { monitor, accept } = this.#options;
    // Asked at once, for it is forgotten when the peer resets.
    const remoteAddress = remoteAddressOf(raw);
    if (remoteAddress === UNKNOWN_PEER) {
      // Nobody can be answered, and nobody can say who has asked.
      raw.terminate();
    } else if (!this.#allowance.take()) {
      this.#refusedCount++;
      monitor({ kind: "refused", reason: "connection-limit" });
      raw.terminate();
    } else if (this.#arrivals !== null) {
      this.#arrivals.add(raw, remoteAddress);
    } else {
      this.#adopt(raw, raw, remoteAddress).start(accept);
    }
  }

  #adopt(socket: Bun.Socket<Owner>, transport: Transport, remoteAddress: string): Connection {
    const connection = new Connection(transport, this.#options);
    connection.speakFor(remoteAddress);
    socket.data = connection;
    connection.owner = this;
    this.#connections.add(connection);
    this.#options.monitor({ kind: "accepted" });
    return connection;
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
    return Bun.listen({ ...options, fd: address.fd } as unknown as Bun.TCPSocketListenOptions<Owner>);
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
