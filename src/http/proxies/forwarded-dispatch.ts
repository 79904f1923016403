import { formatSocketAddress } from "../../kernel/socket-address.ts";
import { isAuthority } from "../../protocols/http/authority.ts";
import { type ForwardedHop, parseForwarded, parseXForwarded } from "../../protocols/http/forwarded.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { RequestHead } from "../../protocols/http/request-head.ts";
import type { Dispatch, Exchange } from "../exchange.ts";
import type { TrustedProxies } from "./trusted-proxies.ts";

/** Which fields tell the way of a request. Never both: a proxy that sets one passes the client's other one on as it came. */
export type ForwardedFields = "x-forwarded" | "forwarded";

/**
 * Puts the client in the place of the proxies that it came through, for requests from those that are trusted; from everybody else the
 * fields are ordinary ones. The client is the right-most address that no trusted proxy has, for everything to the left of it is its own
 * word. Scheme and host are those that the proxy next to it saw.
 */
export function resolveForwarded(dispatch: Dispatch, fields: ForwardedFields, trusted: TrustedProxies): Dispatch {
  if (trusted.isEmpty) return dispatch;
  const isTrusted = rememberPeers(trusted);
  return (exchange) => {
    if (isTrusted(exchange.remoteAddress)) resolve(exchange, fields, trusted);
    return dispatch(exchange);
  };
}

/** A connection has one address object for all of its requests. */
function rememberPeers(trusted: TrustedProxies): (remoteAddress: Buffer) => boolean {
  const known = new WeakMap<Buffer, boolean>();
  return (remoteAddress) => {
    let isTrusted = known.get(remoteAddress);
    if (isTrusted === undefined) {
      isTrusted = trusted.hasPeer(remoteAddress.toString("latin1"));
      known.set(remoteAddress, isTrusted);
    }
    return isTrusted;
  };
}

function resolve(exchange: Exchange, fields: ForwardedFields, trusted: TrustedProxies): void {
  const { head } = exchange;
  const hop = clientHop(readHops(head.fields, fields), trusted);
  if (hop === null) return;
  const remoteAddress = formatSocketAddress({ host: hop.address, port: hop.port });
  exchange.cameFrom({ remoteAddress: Buffer.from(remoteAddress, "latin1"), scheme: hop.scheme ?? exchange.scheme });
  if (hop.host !== null) nameHost(head, fields === "forwarded" ? "forwarded" : "x-forwarded-host", hop.host);
}

function readHops(block: FieldBlock, fields: ForwardedFields): readonly ForwardedHop[] {
  if (fields === "forwarded") return parseForwarded(joined(block, "forwarded") ?? "") ?? [];
  return parseXForwarded({
    for: joined(block, "x-forwarded-for"),
    proto: joined(block, "x-forwarded-proto"),
    host: joined(block, "x-forwarded-host"),
  });
}

type AddressedHop = ForwardedHop & { readonly address: string };

/** From the right: past the trusted proxies to the first that is none, and never past what is no address. */
function clientHop(hops: readonly ForwardedHop[], trusted: TrustedProxies): AddressedHop | null {
  let client: AddressedHop | null = null;
  for (const hop of hops.toReversed()) {
    if (!hasAddress(hop)) break;
    client = hop;
    if (!trusted.has(hop.address)) break;
  }
  return client;
}

function hasAddress(hop: ForwardedHop): hop is AddressedHop {
  return hop.address !== null;
}

/** RFC 9110 §5.3: several fields of a name are one list. */
function joined(block: FieldBlock, lowerCaseName: string): string | null {
  let text: string | null = null;
  for (let at = block.find(lowerCaseName, 0); at !== -1; at = block.find(lowerCaseName, at + 1)) {
    text = text === null ? block.value(at) : `${text},${block.value(at)}`;
  }
  return text;
}

/** Lets the head name the host that stands in one of its own fields; what is no authority is passed over, and so is one behind escapes. */
function nameHost(head: RequestHead, lowerCaseName: string, host: string): void {
  const { fields, bytes } = head;
  for (let at = fields.find(lowerCaseName, 0); at !== -1; at = fields.find(lowerCaseName, at + 1)) {
    const within = fields.value(at).lastIndexOf(host);
    if (within === -1) continue;
    const start = fields.valueStart(at) + within;
    const end = start + host.length;
    if (!isAuthority(bytes, start, end)) return;
    head.authorityStart = start;
    head.authorityEnd = end;
    return;
  }
}
