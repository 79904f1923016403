import { isIP } from "node:net";

/** Where a peer is reached: over TCP or through a Unix socket. IPv6 hosts are written without brackets. */
export type SocketAddress = { readonly host: string; readonly port: number } | { readonly path: string };

/** How a socket for both families shows an IPv4 address (RFC 4291 §2.5.5.2), which is the address that people know it by. */
const MAPPED_PREFIX = "::ffff:";

const PORT_MAX = 65_535;

/** `127.0.0.1:80`, `[::1]:80`, `example.org:80` or `unix:/run/app.sock`; {@link parseSocketAddress} reads it back. */
export function formatSocketAddress(address: SocketAddress): string {
  if ("path" in address) return `unix:${address.path}`;
  const { host, port } = address;
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** The IPv4 address of a peer that came over IPv4 to an IPv6 socket; every other address as it is. */
export function unmapIpv4(host: string): string {
  if (!host.startsWith(MAPPED_PREFIX)) return host;
  const mapped = host.slice(MAPPED_PREFIX.length);
  return isIP(mapped) === 4 ? mapped : host;
}

/**
 * Reads `host:port`, `[IPv6]:port` or `unix:path`. Returns `null` for everything else: an IPv6 address without brackets is ambiguous,
 * a host without port or a port without host says too little.
 */
export function parseSocketAddress(text: string): SocketAddress | null {
  if (text.startsWith("unix:")) return text.length > 5 && !text.includes("\0") ? { path: text.slice(5) } : null;
  const match = /^(?:\[([^\]]+)\]|([^:[\]\s/]+)):(\d{1,5})$/.exec(text);
  if (match === null) return null;
  const [, bracketed, plain, digits] = match;
  const port = Number(digits);
  if (port > PORT_MAX) return null;
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? { host: bracketed, port } : null;
  return { host: plain!, port };
}
