import { TOKEN } from "../http/field-rules.ts";
import { HttpError } from "../http/http-error.ts";
import { CR, LF, QUESTION_MARK, SLASH, SP } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { lineTooLong } from "../http/limit-errors.ts";
import { TARGET, TARGET_PATH } from "../http/target-rules.ts";
import { noTunnels } from "../http/unsupported.ts";
import { misplaced } from "./refusal.ts";
import { decodeSpecialTarget } from "./special-target.ts";

/** Its length is that of every well-formed version: both numbers are one digit (RFC 9112 §2.3). */
const HTTP_1_1 = Buffer.from("HTTP/1.1");
const MAJOR_AT = 5;
const MINOR_AT = 7;

/**
 * Decodes `method SP target SP version CR LF` at `lineStart` into `head`: single spaces, no white space around (RFC 9112 §3).
 *
 * Every check depends on the bytes before it alone, so that the outcome does not depend on how the bytes were split.
 *
 * @param bytesMax of the line without its end.
 * @returns the offset after the line, or `-1 - lineStart` when it is not complete.
 * @throws {HttpError} 400; 414; 501 for CONNECT; 505.
 */
export function decodeRequestLine(
  bytes: Buffer,
  lineStart: number,
  end: number,
  head: RequestHead,
  bytesMax: number,
): number {
  const stop = Math.min(end, lineStart + bytesMax + 1);
  let octet = 0;
  let at = lineStart;
  while (at < stop && TOKEN[(octet = bytes[at]!)] === 1) at++;
  if (at >= stop) return unfinished(at, lineStart, bytesMax);
  if (octet !== SP || at === lineStart) throw misplaced(octet, "request line", "the method");
  head.methodStart = lineStart;
  head.methodEnd = at;

  const targetStart = ++at;
  while (at < stop && TARGET_PATH[(octet = bytes[at]!)] === 1) at++;
  const pathEnd = at;
  if (octet === QUESTION_MARK) while (at < stop && TARGET[(octet = bytes[at]!)] === 1) at++;
  if (at >= stop) return unfinished(at, lineStart, bytesMax);
  if (octet !== SP) throw misplaced(octet, "request line", "the target");
  head.targetStart = targetStart;
  head.targetEnd = at;
  head.pathStart = targetStart;
  head.pathEnd = pathEnd;
  head.queryStart = Math.min(pathEnd + 1, at);
  head.queryEnd = at;

  const lineEnd = decodeVersion(bytes, at + 1, stop, head);
  if (lineEnd === -1) return unfinished(stop, lineStart, bytesMax);
  if (lineEnd + 1 === end) return -1 - lineStart;
  if (bytes[lineEnd + 1] !== LF) throw misplaced(CR, "request line", "the version");

  if (head.isMethod("CONNECT")) throw noTunnels();
  if (bytes[targetStart] !== SLASH) decodeSpecialTarget(head);
  return lineEnd + 2;
}

/** Returns the offset of the CR after the version, or -1 when the line stops before it. */
function decodeVersion(bytes: Buffer, start: number, stop: number, head: RequestHead): number {
  const lineEnd = start + HTTP_1_1.length;
  let at = start;
  for (; at < lineEnd && at < stop; at++) {
    const octet = bytes[at]!;
    const isDigitPlace = at - start === MAJOR_AT || at - start === MINOR_AT;
    if (isDigitPlace ? octet < 0x30 || octet > 0x39 : octet !== HTTP_1_1[at - start]) {
      throw misplaced(octet, "request line", "the version");
    }
  }
  if (at === stop) return -1;
  if (bytes[at] !== CR) throw misplaced(bytes[at]!, "request line", "the version");
  if (bytes[start + MAJOR_AT] !== HTTP_1_1[MAJOR_AT]) throw versionNotSupported(bytes, start);
  // A higher minor version is answered as the highest we know: RFC 9110 §2.5.
  head.versionMinor = bytes[start + MINOR_AT] === 0x30 ? 0 : 1;
  return lineEnd;
}

/** The scan stopped before the line ended: for want of bytes, or at the limit. */
function unfinished(at: number, lineStart: number, bytesMax: number): number {
  if (at > lineStart + bytesMax) throw lineTooLong(bytesMax);
  return -1 - lineStart;
}

function versionNotSupported(bytes: Buffer, start: number): HttpError {
  const version = bytes.toString("latin1", start, start + HTTP_1_1.length);
  return new HttpError(
    "VILYA_HTTP_VERSION_NOT_SUPPORTED",
    505,
    `Cannot decode the request line: its version is ${version}, HTTP/1.1 and HTTP/1.0 are spoken here`,
  );
}
