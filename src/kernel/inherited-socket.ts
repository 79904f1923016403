import { isIP } from "node:net";

import { BoundSocket } from "./bound-socket.ts";
import { libc } from "./libc.ts";
import { decodePort, decodeUnixPath, encodeIpSockaddr, SOCKADDR_BYTES_MAX } from "./sockaddr.ts";
import type { SocketAddress } from "./socket-address.ts";

// <fcntl.h> on Linux
const F_SETFD = 2;
const F_GETFL = 3;
const F_SETFL = 4;
const FD_CLOEXEC = 1;
const O_NONBLOCK = 0o4000;

/** A listening socket that whoever started this process has bound. */
export class InheritedSocket {
  readonly #fd: number;
  readonly #sockaddr: Uint8Array;
  /** The port it is bound to; 0 for a Unix socket. */
  readonly port: number;
  /** The path it is bound to; `null` for one of TCP. */
  readonly path: string | null;

  /** Makes the descriptor one that does not block and is closed on `exec`, as all of ours are. */
  constructor(fd: number) {
    const bytes = new Uint8Array(SOCKADDR_BYTES_MAX);
    const byteLength = Uint32Array.of(bytes.length);
    libc().getsockname(fd, bytes, new Uint8Array(byteLength.buffer));
    libc().fcntl(fd, F_SETFD, FD_CLOEXEC);
    libc().fcntl(fd, F_SETFL, libc().fcntl(fd, F_GETFL, 0) | O_NONBLOCK);
    this.#fd = fd;
    this.#sockaddr = bytes.subarray(0, byteLength[0]);
    this.port = decodePort(bytes);
    this.path = decodeUnixPath(bytes, byteLength[0]!);
  }

  /** Whether it is bound to exactly this address; a name in place of an IP address is none. */
  isAt(address: SocketAddress): boolean {
    if ("path" in address) return address.path === this.path;
    const sockaddr = isIP(address.host) === 0 ? null : encodeIpSockaddr(address.host, address.port);
    return sockaddr !== null && Buffer.compare(sockaddr.bytes, this.#sockaddr) === 0;
  }

  /** To serve on: it listens already. A Unix socket's file is left to whoever has made it. */
  toBoundSocket(host: string): BoundSocket {
    const address = this.path === null ? { host, port: this.port } : { path: this.path };
    return new BoundSocket(this.#fd, address, false);
  }
}
