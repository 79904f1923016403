import { textOf, type WireMap } from "./msgpack-reader.ts";

/**
 * Targets that a URL keeps as they are (WHATWG URL §4.4): nothing in them is escaped, a dot segment or a fragment. A pattern can say so because
 * dot segments begin behind a slash, with a dot or `%2e`.
 */
const PLAIN_TARGET = /^(?:\/(?!\.|%2e)[\w~!$&()*+,;=:@%.-]*)+(?:\?[\w~!$&()*+,;=:@%./?-]*)?$/i;

/** Scheme and authority, and whether a URL keeps them as they are. Clients choose their `Host`, so the number is bounded. */
const ORIGINS = new Map<string, boolean>();
const ORIGIN_COUNT_MAX = 1_000;

/** The request's URL before the platform has looked at it: what it cannot hold is still in it. */
export function rawUrlOf(wire: WireMap): string {
  const uri = textOf(wire, "uri").replace(/[\x80-\xff]/g, percentEncode);
  if (!uri.startsWith("/") && uri !== "*") return uri;
  return originOf(wire) + (uri === "*" ? "/" : uri);
}

/** The request's URL where it is clear that the platform would not change a letter of it; else `null`. */
export function plainUrlOf(wire: WireMap): string | null {
  const uri = textOf(wire, "uri");
  const origin = originOf(wire);
  return PLAIN_TARGET.test(uri) && isNormal(origin) ? origin + uri : null;
}

function originOf(wire: WireMap): string {
  const host = textOf(wire, "host");
  return `${textOf(wire, "scheme")}://${host === "" ? "localhost" : host}`;
}

function isNormal(origin: string): boolean {
  const known = ORIGINS.get(origin);
  if (known !== undefined) return known;
  // Some platforms refuse a user and a password, which `@` would introduce.
  const isKept = !origin.includes("@") && URL.canParse(origin) && new URL(origin).href === `${origin}/`;
  if (ORIGINS.size >= ORIGIN_COUNT_MAX) ORIGINS.clear();
  ORIGINS.set(origin, isKept);
  return isKept;
}

/** Of one byte: so a target that is no UTF-8 loses nothing. */
function percentEncode(octet: string): string {
  return `%${octet.charCodeAt(0).toString(16).toUpperCase()}`;
}
