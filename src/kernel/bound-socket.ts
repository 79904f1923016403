import { lookup } from "node:dns/promises";
import { lstatSync, unlinkSync } from "node:fs";
import { isIP } from "node:net";

import { lastErrorName, libc } from "./libc.ts";
import { ListenError } from "./listen-error.ts";
import {
  AF_INET6,
  decodeFamily,
  decodePort,
  encodeIpSockaddr,
  encodeUnixSockaddr,
  SOCKADDR_BYTES_MAX,
  type Sockaddr,
} from "./sockaddr.ts";
import type { SocketAddress } from "./socket-address.ts";
import { removeStaleSocket } from "./stale-socket.ts";
import { SystemCallError } from "./system-call-error.ts";

// <sys/socket.h> and <netinet/in.h> on Linux
const SOCK_STREAM = 1;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const SOL_SOCKET = 1;
const SO_REUSEADDR = 2;
const SO_REUSEPORT = 15;
const IPPROTO_IPV6 = 41;
const IPV6_V6ONLY = 26;
// <fcntl.h>
const F_DUPFD_CLOEXEC = 1030;

/** The kernel takes the smaller of this and `net.core.somaxconn`. */
const BACKLOG = 4096;

/** Who may connect to a Unix socket, when nobody says: its owner. */
export const UNIX_SOCKET_MODE = 0o600;

/** What to bind. */
export type BindOptions =
  | {
      /** An address, or a name that is looked up and whose first address is bound. `0.0.0.0` is all of IPv4, `::` all of both. */
      readonly host: string;
      /** 0 lets the kernel choose. */
      readonly port: number;
      /** Connections that wait to be accepted before more are turned away. Default 4096. */
      readonly backlog?: number;
      /** `::` takes no IPv4. Default false. */
      readonly isIpv6Only?: boolean;
    }
  | {
      /** Not longer than 107 bytes. A socket there whose process is gone is replaced. */
      readonly path: string;
      /** Permission bits. Default 0600. */
      readonly mode?: number;
      readonly backlog?: number;
    };

/**
 * A listening socket that nobody accepts on yet: bound by the process that supervises, handed by its descriptor to the one that serves
 * (`Bun.spawn`'s `stdio`, then a `Listener` on that `fd`). While any process holds it open, clients are queued and not refused, so the
 * servers behind it come and go unnoticed.
 *
 * Invariant: the descriptor is non-blocking, closes on `exec`, and belongs to this object.
 */
export class BoundSocket implements Disposable {
  readonly fd: number;
  /** As bound: with the port the kernel chose, and with the host as it was asked for. */
  readonly address: SocketAddress;
  /** Which file at the path is ours: a successor may have put its own there. */
  #inode: number;
  #isOpen = true;

  /** Use {@link bindSocket}; or, with `isOurs` false, for a socket whose file somebody else has made and will remove. */
  constructor(fd: number, address: SocketAddress, isOurs = true) {
    this.fd = fd;
    this.address = address;
    this.#inode = "path" in address && isOurs ? lstatSync(address.path).ino : 0;
  }

  /** Whether there is a file that goes with it. */
  get isOurs(): boolean {
    return this.#inode !== 0;
  }

  /** 0 for a Unix socket. */
  get port(): number {
    return "port" in this.address ? this.address.port : 0;
  }

  /** Hands the descriptor to somebody in this process, a `Listener` for instance: disposing this object then does nothing. */
  release(): number {
    this.#isOpen = false;
    return this.fd;
  }

  /** From now on a Unix socket's file is ours to remove: whoever made it has left it to us. */
  own(): void {
    if ("path" in this.address) this.#inode = lstatSync(this.address.path, { throwIfNoEntry: false })?.ino ?? 0;
  }

  /** Closes this process's descriptor and leaves a Unix socket's file to whoever holds the socket, too. */
  abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libc().close(this.fd);
  }

  /** Closes this process's descriptor, and removes a Unix socket's file. Processes that inherited it go on accepting. */
  [Symbol.dispose](): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    libc().close(this.fd);
    if (!("path" in this.address) || this.#inode === 0) return;
    const { path } = this.address;
    if (lstatSync(path, { throwIfNoEntry: false })?.ino === this.#inode) unlinkSync(path);
  }
}

/**
 * Binds an address and listens on it.
 *
 * @throws {ListenError}
 */
export async function bindSocket(options: BindOptions): Promise<BoundSocket> {
  if ("path" in options) return bindPath(options.path, options.mode, options.backlog);
  const { host, port, backlog = BACKLOG, isIpv6Only = false } = options;
  const address = { host, port };
  const sockaddr = encodeIpSockaddr(isIP(host) === 0 ? await resolve(address) : host, port);
  if (sockaddr === null) throw new ListenError(address, "EADDRNOTAVAIL");
  const socketOptions: SocketOption[] = [REUSED_ADDRESS];
  if (sockaddr.family === AF_INET6) {
    socketOptions.push({ ...IPV6_ONLY, value: isIpv6Only ? 1 : 0 });
  }
  const fd = listen({ address, sockaddr, socketOptions, backlog });
  return new BoundSocket(fd, { host, port: readBoundPort(fd) });
}

/**
 * Binds another socket to the port of one that is bound already, for another process to accept on: the kernel spreads new connections over
 * both (`SO_REUSEPORT`, socket(7)). It gets none before somebody listens on it. That the first was bound alone is what keeps strangers from
 * sharing the port by mistake.
 *
 * @throws {ListenError} when the kernel does not let this user share it: another one has bound it.
 */
export function bindBeside(first: BoundSocket): BoundSocket {
  const system = libc();
  const bytes = new Uint8Array(SOCKADDR_BYTES_MAX);
  const byteLength = Uint32Array.of(bytes.length);
  system.getsockname(first.fd, bytes, new Uint8Array(byteLength.buffer));
  setOption(first.fd, SHARED_PORT);
  const sockaddr = { family: decodeFamily(bytes), bytes: bytes.subarray(0, byteLength[0]) };
  const socketOptions = [REUSED_ADDRESS, SHARED_PORT];
  if (sockaddr.family === AF_INET6) socketOptions.push({ ...IPV6_ONLY, value: readOption(first.fd, IPV6_ONLY) });
  const fd = bind({ address: first.address, sockaddr, socketOptions });
  return new BoundSocket(fd, first.address);
}

/**
 * Another descriptor of the same socket, which closes on `exec`.
 *
 * @throws {SystemCallError} when this process can have no more.
 */
export function copyDescriptor(fd: number): number {
  const copy = libc().fcntl(fd, F_DUPFD_CLOEXEC, 0);
  if (copy === -1) throw new SystemCallError("copy a descriptor", "fcntl", lastErrorName());
  return copy;
}

/** The TCP port that a descriptor is bound to; 0 when it is none of TCP's. */
export function readBoundPort(fd: number): number {
  const bytes = new Uint8Array(SOCKADDR_BYTES_MAX);
  const byteLength = Uint32Array.of(bytes.length);
  if (libc().getsockname(fd, bytes, new Uint8Array(byteLength.buffer)) === -1) return 0;
  return decodePort(bytes);
}

/** Sets the backlog of a socket that listens already, in whatever process: what calls `listen(2)` last wins. */
export function setBacklog(fd: number, backlog: number = BACKLOG): void {
  libc().listen(fd, backlog);
}

function bindPath(path: string, mode: number = UNIX_SOCKET_MODE, backlog: number = BACKLOG): BoundSocket {
  const address = { path };
  const sockaddr = encodeUnixSockaddr(path);
  if (sockaddr === null) throw new ListenError(address, path.includes("\0") ? "EINVAL" : "ENAMETOOLONG");
  removeStaleSocket(path);
  // Not chmod afterwards: between the two anybody could connect.
  const umask = process.umask(~mode & 0o777);
  try {
    return new BoundSocket(listen({ address, sockaddr, socketOptions: [], backlog }), address);
  } finally {
    process.umask(umask);
  }
}

async function resolve(address: { readonly host: string; readonly port: number }): Promise<string> {
  try {
    return (await lookup(address.host)).address;
  } catch (error) {
    throw new ListenError(address, (error as NodeJS.ErrnoException).code ?? "ENOTFOUND", { cause: error });
  }
}

interface SocketOption {
  readonly level: number;
  readonly name: number;
  readonly value: number;
}

/** A port whose last server left connections in TIME_WAIT is free. */
const REUSED_ADDRESS: SocketOption = { level: SOL_SOCKET, name: SO_REUSEADDR, value: 1 };
const SHARED_PORT: SocketOption = { level: SOL_SOCKET, name: SO_REUSEPORT, value: 1 };
/** Whether `::` leaves IPv4 alone. */
const IPV6_ONLY: Omit<SocketOption, "value"> = { level: IPPROTO_IPV6, name: IPV6_V6ONLY };

interface BindingOptions {
  readonly address: SocketAddress;
  readonly sockaddr: Sockaddr;
  readonly socketOptions: readonly SocketOption[];
}

function listen({ backlog, ...options }: BindingOptions & { readonly backlog: number }): number {
  const fd = bind(options);
  if (libc().listen(fd, backlog) === 0) return fd;
  throw closeFailed(fd, options.address);
}

function bind({ address, sockaddr, socketOptions }: BindingOptions): number {
  const system = libc();
  const fd = system.socket(sockaddr.family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd === -1) throw new ListenError(address, lastErrorName());
  const isBound =
    socketOptions.every((option) => setOption(fd, option)) &&
    system.bind(fd, sockaddr.bytes, sockaddr.bytes.length) === 0;
  if (isBound) return fd;
  throw closeFailed(fd, address);
}

function setOption(fd: number, { level, name, value }: SocketOption): boolean {
  const bytes = new Uint8Array(Int32Array.of(value).buffer);
  return libc().setsockopt(fd, level, name, bytes, bytes.length) === 0;
}

function readOption(fd: number, { level, name }: Omit<SocketOption, "value">): number {
  const value = new Int32Array(1);
  const byteLength = Uint32Array.of(value.byteLength);
  libc().getsockopt(fd, level, name, new Uint8Array(value.buffer), new Uint8Array(byteLength.buffer));
  return value[0]!;
}

function closeFailed(fd: number, address: SocketAddress): ListenError {
  const errno = lastErrorName();
  libc().close(fd);
  return new ListenError(address, errno);
}
