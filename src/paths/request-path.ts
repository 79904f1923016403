const PERCENT = 0x25;
const DOT = 0x2e;
const SLASH = 0x2f;
const BACKSLASH = 0x5c;

/** What becomes of `%2F` and `%5C`: the request is refused, or they are part of a segment and never separate two. */
export type EncodedSlashes = "refuse" | "keep";

/** Why a path cannot be read in one way only. */
export interface UnreadablePath {
  readonly reason: "encoding" | "dot segment" | "encoded slash" | "backslash" | "null byte";
}

/** Stands for a kept `%2F` in a path that was read: NUL itself is refused, so it is nothing else. */
const KEPT_SLASH = 0;

const ENCODING: UnreadablePath = { reason: "encoding" };
const DOT_SEGMENT: UnreadablePath = { reason: "dot segment" };
const ENCODED_SLASH: UnreadablePath = { reason: "encoded slash" };
const RAW_BACKSLASH: UnreadablePath = { reason: "backslash" };
const NULL_BYTE: UnreadablePath = { reason: "null byte" };

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/**
 * Reads `bytes[start, end)` as the path that routes are compared with: percent-encoding decoded once, as UTF-8, and slashes in a row taken
 * for one. It is refused where the program behind a route might see another path than the route did, and so get past what guards it: dot
 * segments however they are written (clients resolve them before they send), backslashes, encoded slashes unless they are kept, `%00`, bad
 * percent-encoding, and what is not UTF-8, overlong forms included.
 *
 * A path of ordinary characters costs one look at each byte and one string.
 *
 * @returns the path, with its leading slash; `segmentText` gives the text of its parts.
 */
export function readPath(
  bytes: Buffer,
  start: number,
  end: number,
  encodedSlashes: EncodedSlashes,
): string | UnreadablePath {
  let last = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (IS_PLAIN[byte] === 0 || (last === SLASH && (byte === SLASH || byte === DOT))) {
      return readSlowly(bytes, start, end, encodedSlashes);
    }
    last = byte;
  }
  return start === end ? "/" : bytes.toString("latin1", start, end);
}

/** The text of a part of a path that `readPath` has read: what was kept encoded is decoded. */
export function segmentText(part: string): string {
  return part.includes("\0") ? part.replaceAll("\0", "/") : part;
}

/** 1 for every octet that stands for itself. */
const IS_PLAIN = Uint8Array.from({ length: 256 }, (_, octet) =>
  octet > 0x20 && octet < 0x7f && octet !== PERCENT && octet !== BACKSLASH ? 1 : 0,
);

function readSlowly(
  bytes: Buffer,
  start: number,
  end: number,
  encodedSlashes: EncodedSlashes,
): string | UnreadablePath {
  const decoded = Buffer.allocUnsafe(end - start);
  let length = 0;
  for (let at = start; at < end; at++) {
    const byte = bytes[at]!;
    if (byte === BACKSLASH) return RAW_BACKSLASH;
    if (byte === SLASH && length > 0 && decoded[length - 1] === SLASH) continue;
    if (byte !== PERCENT) {
      decoded[length++] = byte;
      continue;
    }
    const octet = at + 2 < end ? (hexDigit(bytes[at + 1]!) << 4) | hexDigit(bytes[at + 2]!) : -1;
    at += 2;
    if (octet < 0) return ENCODING;
    if (octet === 0) return NULL_BYTE;
    if (octet !== SLASH && octet !== BACKSLASH) decoded[length++] = octet;
    else if (encodedSlashes === "refuse") return ENCODED_SLASH;
    else decoded[length++] = octet === SLASH ? KEPT_SLASH : BACKSLASH;
  }
  const path = decodeUtf8(decoded.subarray(0, length));
  if (path === null) return ENCODING;
  return hasDotSegment(path) ? DOT_SEGMENT : path;
}

function decodeUtf8(bytes: Buffer): string | null {
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** A kept slash or a backslash may separate segments for whoever reads the path next. */
function hasDotSegment(path: string): boolean {
  return /(?:^|[/\0\\])\.\.?(?:$|[/\0\\])/.test(path);
}

/** Less than 0 for what is no digit, so that a combination with it is, too. */
function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}
