import { isAuthority } from "../http/authority.ts";
import { hashName } from "../http/field-block.ts";
import { isTextIgnoringCase, listHasToken } from "../http/octet-text.ts";
import type { RequestHead } from "../http/request-head.ts";
import { unknownExpectation } from "../http/unsupported.ts";
import { applyBodyFraming } from "./body-framing.ts";
import { ambiguous, malformed } from "./refusal.ts";

const HOST = hashName("host");
const CONTENT_LENGTH = hashName("content-length");
const TRANSFER_ENCODING = hashName("transfer-encoding");
const CONNECTION = hashName("connection");
const EXPECT = hashName("expect");
const TE = hashName("te");

const ABSENT = -1;

/**
 * Reads the fields that decide authority, body framing, persistence and expectation out of `head.fields` into `head`, whose request line is
 * decoded already.
 *
 * @throws {HttpError} 400; 417 for an expectation other than `100-continue`; 501 for a transfer coding before `chunked`.
 */
export function applyFields(head: RequestHead): void {
  const { fields } = head;
  let host = ABSENT;
  let contentLength = ABSENT;
  let transferEncoding = ABSENT;
  let expect = ABSENT;
  let wantsClose = false;
  let wantsKeepAlive = false;
  let takesTrailers = false;

  for (let index = 0; index < fields.count; index++) {
    switch (fields.nameHash(index)) {
      case HOST:
        if (!fields.isNamed(index, "host")) break;
        if (host !== ABSENT) throw malformed("request header", "several Host fields", "one is allowed");
        host = index;
        break;
      case CONTENT_LENGTH:
        if (!fields.isNamed(index, "content-length")) break;
        if (contentLength !== ABSENT) throw ambiguous("several Content-Length fields", "one is allowed");
        contentLength = index;
        break;
      case TRANSFER_ENCODING:
        if (!fields.isNamed(index, "transfer-encoding")) break;
        if (transferEncoding !== ABSENT) throw ambiguous("several Transfer-Encoding fields", "one is allowed");
        transferEncoding = index;
        break;
      case CONNECTION:
        if (!fields.isNamed(index, "connection")) break;
        wantsClose ||= valueHasToken(head, index, "close");
        // Only HTTP/1.0 has to ask: RFC 9112 §9.3.
        wantsKeepAlive ||= head.versionMinor === 0 && valueHasToken(head, index, "keep-alive");
        break;
      case EXPECT:
        if (!fields.isNamed(index, "expect")) break;
        refuseUnknownExpectation(head, index);
        expect = index;
        break;
      case TE:
        takesTrailers ||= fields.isNamed(index, "te") && valueHasToken(head, index, "trailers");
        break;
    }
  }

  applyHost(head, host);
  applyBodyFraming(head, contentLength, transferEncoding);
  head.isKeepAlive = !wantsClose && (head.versionMinor === 1 || wantsKeepAlive);
  // Who announces no body waits for nothing, and an expectation of HTTP/1.0 is ignored: RFC 9110 §10.1.1.
  head.expectsContinue = expect !== ABSENT && head.versionMinor === 1 && head.hasBody;
  head.takesTrailers = takesTrailers && head.versionMinor === 1;
}

/** RFC 9112 §3.2: HTTP/1.1 must name its host, if only by an empty field. */
function applyHost(head: RequestHead, index: number): void {
  if (index === ABSENT) {
    if (head.versionMinor === 1) throw malformed("request header", "no Host field", "HTTP/1.1 has exactly one");
    return;
  }
  const start = head.fields.valueStart(index);
  const end = head.fields.valueEnd(index);
  if (start !== end && !isAuthority(head.bytes, start, end)) {
    throw malformed("request header", "the value of Host is not valid", "it is host, host:port or empty");
  }
  // The authority of an absolute-form target, never empty, replaces what Host says, for the application too: RFC 9112 §3.2.2.
  if (head.authorityStart !== head.authorityEnd) {
    head.fields.setValue(index, head.authorityStart, head.authorityEnd);
    return;
  }
  head.authorityStart = start;
  head.authorityEnd = end;
}

function refuseUnknownExpectation(head: RequestHead, index: number): void {
  const { fields, bytes, versionMinor } = head;
  if (versionMinor === 0) return;
  if (isTextIgnoringCase(bytes, fields.valueStart(index), fields.valueEnd(index), "100-continue")) return;
  throw unknownExpectation();
}

function valueHasToken({ fields, bytes }: RequestHead, index: number, lowerCaseToken: string): boolean {
  return listHasToken(bytes, fields.valueStart(index), fields.valueEnd(index), lowerCaseToken);
}
