/** A client as Bun's `server.requestIP` tells of it. */
export interface RemoteAddress {
  readonly address: string;
  readonly family: "IPv4" | "IPv6";
  readonly port: number;
}

/** Reads `192.0.2.1:5000` and `[2001:db8::1]:5000`; `null` where it is no address of the Internet Protocol, such as a Unix socket's. */
export function toRemoteAddress(text: string): RemoteAddress | null {
  const portAt = text.lastIndexOf(":");
  const port = Number(text.slice(portAt + 1));
  if (text.startsWith("[")) return { address: text.slice(1, portAt - 1), family: "IPv6", port };
  return /^[\d.]+:\d+$/.test(text) ? { address: text.slice(0, portAt), family: "IPv4", port } : null;
}
