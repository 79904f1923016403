import { isIP } from "node:net";

/** One step of a request's way here, as the proxy that received it there tells. */
export interface ForwardedHop {
  /** Where the request came from; null for what is no address (`unknown`, an obfuscated identifier, nonsense). */
  readonly address: string | null;
  /** 0 when it is not told. */
  readonly port: number;
  readonly scheme: "http" | "https" | null;
  /** What the request named as its host, as it is written there. Not checked. */
  readonly host: string | null;
}

// RFC 7239 §4: parameters are tokens or quoted strings.
const FORWARDED_PAIR = /\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)=("(?:[^"\\]|\\.)*"|[^\s",;]*)\s*(?:(;)|(,)|$)/y;

/**
 * Parses the values of all `Forwarded` fields of a request, joined with commas, into hops, the farthest first (RFC 7239). Returns `null` when
 * they are not what the RFC says: then nothing of it can be believed, for a comma in the wrong place moves everything.
 */
export function parseForwarded(text: string): readonly ForwardedHop[] | null {
  const hops: ForwardedHop[] = [];
  let pairs = new Map<string, string>();
  let at = 0;
  while (at < text.length) {
    FORWARDED_PAIR.lastIndex = at;
    const match = FORWARDED_PAIR.exec(text);
    if (match === null) return null;
    const [whole, name = "", value = "", semicolon] = match;
    if (pairs.has(name.toLowerCase())) return null; // §4: each parameter at most once.
    pairs.set(name.toLowerCase(), value.startsWith('"') ? value.slice(1, -1).replace(/\\(.)/g, "$1") : value);
    at += whole.length;
    if (semicolon !== undefined) continue;
    hops.push(toHop({ from: pairs.get("for"), scheme: pairs.get("proto"), host: pairs.get("host") }));
    pairs = new Map();
  }
  return pairs.size === 0 ? hops : null;
}

/** What the `X-Forwarded-*` fields of a request hold, each joined with commas; `null` where there is none. */
export interface ForwardedTexts {
  readonly for: string | null;
  readonly proto: string | null;
  readonly host: string | null;
}

/**
 * Parses `X-Forwarded-For`, `-Proto` and `-Host` into hops, the farthest first. The lists belong together entry by entry where they are
 * equally long; otherwise the last entry of the shorter one is the nearest proxy's word for all.
 */
export function parseXForwarded(texts: ForwardedTexts): readonly ForwardedHop[] {
  const froms = splitList(texts.for);
  const schemes = splitList(texts.proto);
  const hosts = splitList(texts.host);
  const at = (list: readonly string[], index: number) => (list.length === froms.length ? list[index] : list.at(-1));
  return froms.map((from, index) => toHop({ from, scheme: at(schemes, index), host: at(hosts, index) }));
}

function splitList(text: string | null): readonly string[] {
  return text === null ? [] : text.split(",").map((entry) => entry.trim());
}

interface HopTexts {
  readonly from: string | undefined;
  readonly scheme: string | undefined;
  readonly host: string | undefined;
}

function toHop({ from, scheme, host }: HopTexts): ForwardedHop {
  const lower = scheme?.toLowerCase();
  return {
    ...parseNode(from ?? ""),
    scheme: lower === "http" || lower === "https" ? lower : null,
    host: host === undefined || host === "" ? null : host,
  };
}

// RFC 7239 §6, and what proxies write in X-Forwarded-For: an address, IPv6 with or without brackets, a port perhaps.
const NODE = /^(?:\[([^\]]*)\]|([\d.]+))(?::(\d{1,5}))?$/;

function parseNode(text: string): { readonly address: string | null; readonly port: number } {
  if (isIP(text) === 6) return { address: text, port: 0 };
  const match = NODE.exec(text);
  if (match === null) return { address: null, port: 0 };
  const [, bracketed, plain, digits = "0"] = match;
  const isAddress = bracketed === undefined ? isIP(plain ?? "") === 4 : isIP(bracketed) === 6;
  const port = Number(digits);
  return isAddress && port <= 65_535 ? { address: bracketed ?? plain ?? null, port } : { address: null, port: 0 };
}
