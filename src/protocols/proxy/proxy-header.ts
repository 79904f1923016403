import { decodeProxyV1, isProxyV1Start } from "./proxy-v1.ts";
import { decodeProxyV2, isProxyV2Start } from "./proxy-v2.ts";

/** A header of the PROXY protocol, whichever version. */
export interface ProxyHeader {
  /** The connection's own bytes begin behind so many. */
  readonly byteLength: number;
  /** The client; null when the proxy speaks for itself (a health check), or for a kind of peer that has no address here. */
  readonly source: { readonly address: string; readonly port: number } | null;
}

/**
 * Decodes the header at the beginning of `bytes`: both versions of the PROXY protocol, as HAProxy's specification of it has them.
 *
 * @returns `null` while the header is not complete; `"none"` when `bytes` do not begin like one.
 * @throws {ProxyHeaderError} when they begin like one and are not, or are longer than the limits of its version.
 */
export function decodeProxyHeader(bytes: Buffer): ProxyHeader | "none" | null {
  if (isProxyV2Start(bytes)) return decodeProxyV2(bytes);
  if (isProxyV1Start(bytes)) return decodeProxyV1(bytes);
  return bytes.length === 0 ? null : "none";
}
