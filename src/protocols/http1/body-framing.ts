import { decodeDecimal } from "../http/decimal.ts";
import { HttpError } from "../http/http-error.ts";
import { isTextIgnoringCase, listHasToken } from "../http/octet-text.ts";
import type { RequestHead } from "../http/request-head.ts";
import { ambiguous } from "./refusal.ts";

/** A head as far as it says how its body is framed. */
export type FramedHead = Pick<RequestHead, "bytes" | "fields" | "versionMinor" | "contentLength" | "isChunked">;

/** Field index of a field that is not there. */
const ABSENT = -1;

const CHUNKED = "chunked";

/** `gzip, chunked` and its like: codings of tokens without parameters, `chunked` at the end and nowhere else. */
const CODINGS_BEFORE_CHUNKED = /^[!#$%&'*+\-.^_`|~\w]+(?:[\t ]*,[\t ]*[!#$%&'*+\-.^_`|~\w]+)*[\t ]*,[\t ]*chunked$/i;

/**
 * Decides how the body of a request is framed (RFC 9112 §6.3) from the indexes of its Content-Length and Transfer-Encoding fields, -1 for
 * none. Stricter than the clause where it lets a server choose: whatever two recipients could read differently is refused.
 *
 * @throws {HttpError} 400; 501 for codings that would have to be removed after `chunked`.
 */
export function applyBodyFraming(head: FramedHead, contentLength: number, transferEncoding: number): void {
  head.contentLength = -1;
  head.isChunked = false;
  if (transferEncoding === ABSENT) {
    if (contentLength !== ABSENT) head.contentLength = decodeContentLength(head, contentLength);
    return;
  }
  if (contentLength !== ABSENT) throw ambiguous("both Content-Length and Transfer-Encoding", "one of them is allowed");
  if (head.versionMinor === 0) throw ambiguous("Transfer-Encoding in HTTP/1.0", "it exists since HTTP/1.1");
  refuseOtherThanChunked(head, transferEncoding);
  head.isChunked = true;
}

/** A list of equal numbers, which RFC 9110 §8.6 would let pass, is refused too. */
function decodeContentLength({ bytes, fields }: FramedHead, index: number): number {
  const length = decodeDecimal(bytes, fields.valueStart(index), fields.valueEnd(index));
  if (length === -1) throw ambiguous("a Content-Length that is no number", "it is decimal digits, up to 2^53 - 1");
  return length;
}

function refuseOtherThanChunked({ bytes, fields }: FramedHead, index: number): void {
  const start = fields.valueStart(index);
  const end = fields.valueEnd(index);
  if (isTextIgnoringCase(bytes, start, end, CHUNKED)) return;
  const value = bytes.toString("latin1", start, end);
  const codings = value.slice(0, value.lastIndexOf(","));
  if (!CODINGS_BEFORE_CHUNKED.test(value) || listHasToken(Buffer.from(codings, "latin1"), 0, codings.length, CHUNKED)) {
    // Without chunked at the end, and only there, nothing tells where the body ends.
    throw ambiguous("a Transfer-Encoding that does not end in chunked alone", "chunked is the only coding known");
  }
  throw new HttpError(
    "VILYA_HTTP_NOT_IMPLEMENTED",
    501,
    "Cannot decode the request body: a transfer coding before chunked, chunked is the only one implemented",
  );
}
