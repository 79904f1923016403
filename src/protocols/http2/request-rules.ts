import { isAuthority } from "../http/authority.ts";
import { decodeDecimal } from "../http/decimal.ts";
import { TOKEN } from "../http/field-rules.ts";
import { indexOfOctet, isText, isTextIgnoringCase } from "../http/octet-text.ts";
import { QUESTION_MARK, SLASH } from "../http/octets.ts";
import type { RequestHead } from "../http/request-head.ts";
import { TARGET, TARGET_PATH } from "../http/target-rules.ts";
import { noTunnels, unknownProtocol } from "../http/unsupported.ts";
import { malformed } from "./malformed.ts";
import type { PseudoFields } from "./pseudo-fields.ts";

/** What a head follows from, beside its fields. */
export interface RequestFacts {
  readonly streamId: number;
  readonly pseudo: PseudoFields;
  /** The index of Content-Length in the head's fields; -1 for none. */
  readonly contentLength: number;
  /** True when no content follows. */
  readonly isEndStream: boolean;
}

/**
 * Fills in everything of `head` but its fields and its expectation, whose octets are in `head.bytes`.
 *
 * @throws {Http2StreamError} what is not well formed. @throws {HttpError} 501 for CONNECT of anything but WebSocket.
 */
export function applyRequest(head: RequestHead, facts: RequestFacts): void {
  const { streamId, pseudo } = facts;
  applyMethod(head, facts);
  applyProtocol(head, facts);
  applyAuthority(head, facts);
  if (head.isMethod("CONNECT") && !pseudo.hasProtocol) {
    if (pseudo.hasPath || pseudo.hasScheme)
      throw malformed(streamId, "CONNECT with :path or :scheme", "it has neither");
    throw noTunnels();
  }
  checkScheme(head, facts);
  applyTarget(head, facts);
  applyFraming(head, facts);
  head.versionMinor = 1;
  head.isChunked = false;
  head.isKeepAlive = true;
}

function applyMethod(head: RequestHead, { streamId, pseudo: { methodStart, methodEnd } }: RequestFacts): void {
  if (methodStart === methodEnd || !areAll(TOKEN, head.bytes, methodStart, methodEnd)) {
    throw malformed(streamId, ":method is not valid", "it is a token");
  }
  head.methodStart = methodStart;
  head.methodEnd = methodEnd;
}

/** RFC 8441 §4: what to speak on the stream instead of HTTP. */
function applyProtocol(head: RequestHead, { streamId, pseudo }: RequestFacts): void {
  const { protocolStart, protocolEnd, hasProtocol } = pseudo;
  head.protocolStart = protocolStart;
  head.protocolEnd = protocolEnd;
  if (!hasProtocol) return;
  if (!head.isMethod("CONNECT")) throw malformed(streamId, ":protocol without CONNECT", "it belongs to that method");
  if (protocolStart === protocolEnd || !areAll(TOKEN, head.bytes, protocolStart, protocolEnd)) {
    throw malformed(streamId, ":protocol is not valid", "it is a token");
  }
  // No app may see another one: any 2xx that it answers would be a yes to what nobody here speaks.
  if (!isTextIgnoringCase(head.bytes, protocolStart, protocolEnd, "websocket")) throw unknownProtocol();
}

/** RFC 9113 §8.3.1: http and https name an authority, by `:authority` or by Host, and it is not empty; user information is not for the wire. */
function applyAuthority(head: RequestHead, { streamId, pseudo }: RequestFacts): void {
  const { authorityStart, authorityEnd } = pseudo;
  if (!isAuthority(head.bytes, authorityStart, authorityEnd)) {
    throw malformed(streamId, ":authority is not valid", "it is host or host:port");
  }
  head.authorityStart = authorityStart;
  head.authorityEnd = authorityEnd;
}

/** Both schemes reach the same listener: the scheme that counts is the connection's. */
function checkScheme({ bytes }: RequestHead, { streamId, pseudo: { schemeStart, schemeEnd } }: RequestFacts): void {
  if (isTextIgnoringCase(bytes, schemeStart, schemeEnd, "http")) return;
  if (isTextIgnoringCase(bytes, schemeStart, schemeEnd, "https")) return;
  throw malformed(streamId, ":scheme is not valid", "it is http or https");
}

/** A target starts with a slash; `*` is for OPTIONS. The fragment and what no URI has are refused as in HTTP/1.1. */
function applyTarget(head: RequestHead, { streamId, pseudo }: RequestFacts): void {
  const { bytes } = head;
  const { pathStart, pathEnd } = pseudo;
  const isAsterisk = isText(bytes, pathStart, pathEnd, "*") && head.isMethod("OPTIONS");
  if (pathStart === pathEnd || (bytes[pathStart] !== SLASH && !isAsterisk)) {
    throw malformed(streamId, ":path has no known form", "it starts with a slash, or is * for OPTIONS");
  }
  const queryAt = indexOfOctet(bytes, QUESTION_MARK, pathStart, pathEnd);
  if (!areAll(TARGET_PATH, bytes, pathStart, queryAt) || !areAll(TARGET, bytes, queryAt, pathEnd)) {
    throw malformed(streamId, ":path has an octet that may not stand in it", "white space, controls and # are encoded");
  }
  head.targetStart = head.pathStart = pathStart;
  head.targetEnd = head.queryEnd = pathEnd;
  head.pathEnd = queryAt;
  head.queryStart = Math.min(queryAt + 1, pathEnd);
}

function applyFraming(head: RequestHead, { streamId, pseudo, contentLength, isEndStream }: RequestFacts): void {
  const { fields, bytes } = head;
  head.contentLength = -1;
  // What follows an extended CONNECT is no content of the request (RFC 8441 §4).
  head.isOpenEnded = contentLength === -1 && !isEndStream && !pseudo.hasProtocol;
  if (contentLength === -1) return;
  head.contentLength = decodeDecimal(bytes, fields.valueStart(contentLength), fields.valueEnd(contentLength));
  if (head.contentLength === -1) throw malformed(streamId, "content-length is no number", "it is decimal digits");
  if (isEndStream && head.contentLength > 0) {
    throw malformed(streamId, "content-length without content", "it is the length of the DATA frames");
  }
}

function areAll(table: Uint8Array, bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) if (table[bytes[at]!] === 0) return false;
  return true;
}
