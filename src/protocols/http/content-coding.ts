/** The content codings we speak (RFC 9110 §8.4.1, RFC 7932, RFC 8878). */
export const CONTENT_CODINGS = ["br", "zstd", "gzip"] as const;

/** One of them. */
export type ContentCoding = (typeof CONTENT_CODINGS)[number];

/** Qualities in thousandths, as a client has given them; -1 for a coding it does not name. */
interface Qualities {
  br: number;
  zstd: number;
  gzip: number;
  identity: number;
  any: number;
}

/** How many Accept-Encoding fields are remembered: browsers send a handful of forms, an attacker as many as he likes. */
const REMEMBERED_COUNT_MAX = 256;
const REMEMBERED_LENGTH_MAX = 128;

const remembered = new Map<string, Qualities>();

const ELEMENT = /^[ \t]*([!#$%&'*+\-.^_`|~0-9A-Za-z]+)[ \t]*(?:;[ \t]*[qQ]=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?)[ \t]*)?$/;

/**
 * Chooses a coding for a response by the client's Accept-Encoding (RFC 9110 §12.5.3): the one of `offered` with the highest quality, of
 * equal ones the first. An element that cannot be read counts as not there.
 *
 * @param field `null` where the request has none: then nothing is encoded, for few clients without one decode.
 * @returns `null` for the content as it is. That is also the answer to a client that takes neither it nor a coding we have: it can use
 *   that rather than a refusal.
 */
export function chooseCoding(field: string | null, offered: readonly ContentCoding[]): ContentCoding | null {
  if (field === null) return null;
  const qualities = recall(field);
  let best: ContentCoding | null = null;
  let bestQuality = 0;
  for (const coding of offered) {
    const own = qualities[coding];
    const quality = own === -1 ? qualities.any : own;
    if (quality > bestQuality) {
      best = coding;
      bestQuality = quality;
    }
  }
  // Preferred to every coding by name: `identity;q=1, gzip;q=0.5`.
  return qualities.identity > bestQuality ? null : best;
}

function recall(field: string): Qualities {
  let qualities = remembered.get(field);
  if (qualities === undefined) {
    qualities = parse(field);
    if (remembered.size >= REMEMBERED_COUNT_MAX) remembered.clear();
    if (field.length <= REMEMBERED_LENGTH_MAX) remembered.set(field, qualities);
  }
  return qualities;
}

function parse(field: string): Qualities {
  const qualities: Qualities = { br: -1, zstd: -1, gzip: -1, identity: -1, any: -1 };
  for (const element of field.split(",")) {
    const match = ELEMENT.exec(element);
    if (match === null) continue;
    const slot = slotOf(match[1]!.toLowerCase());
    if (slot !== null) qualities[slot] = match[2] === undefined ? 1_000 : Math.round(Number(match[2]) * 1_000);
  }
  return qualities;
}

function slotOf(coding: string): keyof Qualities | null {
  switch (coding) {
    case "br":
    case "zstd":
    case "gzip":
    case "identity":
      return coding;
    case "x-gzip": // RFC 9110 §8.4.1.3.
      return "gzip";
    case "*":
      return "any";
    default:
      return null;
  }
}
