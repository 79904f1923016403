import { libc } from "./libc.ts";
import { AF_UNIX, encodeAbstractSockaddr, encodeUnixSockaddr } from "./sockaddr.ts";

// <sys/socket.h> on Linux
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;

/**
 * Sends one datagram to a Unix socket; a name that begins with `@` is one of the abstract namespace. It never waits.
 *
 * @returns false when nobody took it: there is no such socket, it is of another kind, or it is full.
 */
export function sendDatagram(name: string, text: string): boolean {
  const address = name.startsWith("@") ? encodeAbstractSockaddr(name.slice(1)) : encodeUnixSockaddr(name);
  if (address === null) return false;
  const system = libc();
  const fd = system.socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd === -1) return false;
  const bytes = Buffer.from(text);
  const isSent =
    system.connect(fd, address.bytes, address.bytes.length) === 0 &&
    system.send(fd, bytes, bytes.length, MSG_NOSIGNAL) === bytes.length;
  system.close(fd);
  return isSent;
}
