import type { OpenPreface, Preface, PrefaceReader } from "../../kernel/preface.ts";
import { formatSocketAddress } from "../../kernel/socket-address.ts";
import { decodeProxyHeader } from "../../protocols/proxy/proxy-header.ts";
import { ProxyHeaderError } from "../../protocols/proxy/proxy-header-error.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/**
 * Reads the PROXY protocol's header off connections from trusted proxies.
 *
 * @param mode `on` wants it from everybody, and so takes nobody else; `optional` takes it where it comes, and never from others.
 */
export function openProxyPreface(mode: "on" | "optional", trusted: TrustedProxies): OpenPreface {
  const reader: PrefaceReader = { read: mode === "on" ? readRequired : readOptional };
  return (remoteAddress) => {
    if (trusted.hasPeer(remoteAddress)) return reader;
    return mode === "on" ? "refuse" : "none";
  };
}

const NO_PREFACE: Preface = { byteLength: 0, remoteAddress: null };

function readOptional(bytes: Buffer): Preface | null {
  const header = decodeProxyHeader(bytes);
  if (header === null) return null;
  if (header === "none") return NO_PREFACE;
  const { byteLength, source } = header;
  const remoteAddress = source === null ? null : formatSocketAddress({ host: source.address, port: source.port });
  return { byteLength, remoteAddress };
}

function readRequired(bytes: Buffer): Preface | null {
  const preface = readOptional(bytes);
  if (preface === NO_PREFACE) throw new ProxyHeaderError("there is none", "a connection that begins with one");
  return preface;
}
