import { isIP } from "node:net";
import { endianness } from "node:os";

import { cString, libc } from "./libc.ts";

/** Address families and their C structures on Linux, in the kernel's layout. */
export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** unix(7): the path and the zero byte behind it. */
export const UNIX_PATH_BYTES_MAX = 107;

const SOCKADDR_IN_BYTES = 16;
const SOCKADDR_IN6_BYTES = 28;
const FAMILY_BYTES = 2;

/** Room for an address of any family: `struct sockaddr_storage`. */
export const SOCKADDR_BYTES_MAX = 128;

/** The family and an interface are in the machine's byte order, the port is big-endian. */
const isLittleEndian = endianness() === "LE";

/** A `struct sockaddr` and the family that `socket(2)` wants with it. */
export interface Sockaddr {
  readonly family: number;
  readonly bytes: Uint8Array;
}

/**
 * Encodes an IP address and a port as `sockaddr_in` or `sockaddr_in6`; `fe80::1%eth0` carries its interface. Returns `null` when `ip` is a
 * name, or names an interface that is not there.
 */
export function encodeIpSockaddr(ip: string, port: number): Sockaddr | null {
  const version = isIP(ip);
  if (version === 0) return null;
  const family = version === 4 ? AF_INET : AF_INET6;
  const bytes = new Uint8Array(version === 4 ? SOCKADDR_IN_BYTES : SOCKADDR_IN6_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, family, isLittleEndian);
  view.setUint16(2, port);
  if (version === 4) {
    libc().inet_pton(family, cString(ip), bytes.subarray(4));
    return { family, bytes };
  }
  const [address = "", interfaceName] = ip.split("%");
  libc().inet_pton(family, cString(address), bytes.subarray(8));
  if (interfaceName !== undefined) {
    const index = libc().if_nametoindex(cString(interfaceName));
    if (index === 0) return null;
    view.setUint32(24, index, isLittleEndian);
  }
  return { family, bytes };
}

/**
 * Encodes the path of a Unix socket as `sockaddr_un`; `null` when it is longer than {@link UNIX_PATH_BYTES_MAX} bytes or holds a zero byte,
 * which would make it a name without a file.
 */
export function encodeUnixSockaddr(path: string): Sockaddr | null {
  const text = cString(path);
  if (text.length - 1 > UNIX_PATH_BYTES_MAX || path.includes("\0")) return null;
  const bytes = new Uint8Array(FAMILY_BYTES + text.length);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, isLittleEndian);
  bytes.set(text, FAMILY_BYTES);
  return { family: AF_UNIX, bytes };
}

/** Encodes a name of the abstract namespace (unix(7)), which has no file; `null` when it is too long. */
export function encodeAbstractSockaddr(name: string): Sockaddr | null {
  const text = Buffer.from(name);
  if (text.length > UNIX_PATH_BYTES_MAX) return null;
  const bytes = new Uint8Array(FAMILY_BYTES + 1 + text.length);
  new DataView(bytes.buffer).setUint16(0, AF_UNIX, isLittleEndian);
  bytes.set(text, FAMILY_BYTES + 1);
  return { family: AF_UNIX, bytes };
}

/** The path in a `sockaddr_un` of `byteLength` bytes; `null` for every other family, and for a socket without a file. */
export function decodeUnixPath(bytes: Uint8Array, byteLength: number): string | null {
  const family = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(0, isLittleEndian);
  if (family !== AF_UNIX || byteLength <= FAMILY_BYTES || bytes[FAMILY_BYTES] === 0) return null;
  const path = bytes.subarray(FAMILY_BYTES, byteLength);
  const end = path.indexOf(0);
  return Buffer.from(end === -1 ? path : path.subarray(0, end)).toString();
}

/** The port in a `sockaddr_in` or `sockaddr_in6`; 0 for every other family. */
export function decodePort(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const family = view.getUint16(0, isLittleEndian);
  return family === AF_INET || family === AF_INET6 ? view.getUint16(2) : 0;
}

/** The address family that every `sockaddr` begins with. */
export function decodeFamily(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint16(0, isLittleEndian);
}
