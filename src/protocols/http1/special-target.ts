import { isAuthority } from "../http/authority.ts";
import { indexOfOctet, isText, isTextIgnoringCase } from "../http/octet-text.ts";
import { SLASH } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { malformed } from "./refusal.ts";

/** Both reach the same listener: the scheme that counts is the connection's. */
const SCHEMES = ["http://", "https://"];

/**
 * Takes apart a target that does not start with a slash, or is empty: `*`, which only OPTIONS may have, or the absolute form, whose authority wins over
 * Host (RFC 9112 §3.2.2 and §3.2.4). The path of `*` is `*`; that of an absolute form may be empty.
 *
 * @throws {HttpError} 400 for every other form.
 */
export function decodeSpecialTarget(head: RequestHead): void {
  const { bytes, targetStart, targetEnd, pathEnd } = head;
  if (isText(bytes, targetStart, targetEnd, "*")) {
    if (!head.isMethod("OPTIONS")) throw malformed("request line", "the target is *", "only OPTIONS may ask for it");
    return;
  }
  const authorityStart = endOfScheme(bytes, targetStart, pathEnd);
  if (authorityStart === -1) {
    throw malformed("request line", "the target has no known form", "it starts with a slash, http:// or https://");
  }
  const authorityEnd = indexOfOctet(bytes, SLASH, authorityStart, pathEnd);
  if (!isAuthority(bytes, authorityStart, authorityEnd)) {
    throw malformed("request line", "the target's authority is not valid", "it is host or host:port");
  }
  head.authorityStart = authorityStart;
  head.authorityEnd = authorityEnd;
  head.pathStart = authorityEnd;
}

/** The offset after `http://` or `https://`, letter case aside; -1 when the target starts with neither. */
function endOfScheme(bytes: Buffer, start: number, end: number): number {
  for (const scheme of SCHEMES) {
    const schemeEnd = start + scheme.length;
    if (schemeEnd <= end && isTextIgnoringCase(bytes, start, schemeEnd, scheme)) return schemeEnd;
  }
  return -1;
}
