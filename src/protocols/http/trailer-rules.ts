import type { FieldBlock } from "./field-block.ts";
import { fieldBlockOf, fieldListOf } from "./field-list.ts";

/**
 * Fields that mean nothing good behind the content: they frame, route, authenticate, or say how to handle what has been handled by then.
 * RFC 9110 §6.5.1.
 */
const FORBIDDEN_NAMES: ReadonlySet<string> = new Set([
  "age",
  "authorization",
  "cache-control",
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "content-type",
  "date",
  "expect",
  "expires",
  "host",
  "keep-alive",
  "location",
  "max-forwards",
  "pragma",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "range",
  "retry-after",
  "set-cookie",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "vary",
  "warning",
  "www-authenticate",
]);

/** Whether a field may be sent as a trailer, which the conditions of a request (`If-…`) may not either. */
export function isTrailerName(name: string): boolean {
  const lowerCaseName = name.toLowerCase();
  return !FORBIDDEN_NAMES.has(lowerCaseName) && !lowerCaseName.startsWith("if-");
}

/** The fields that may be sent as trailers, in bytes of their own; `null` for none. */
export function sendableTrailers(fields: FieldBlock): FieldBlock | null {
  const sendable = fieldListOf(fields).filter(([name]) => isTrailerName(name));
  return sendable.length === 0 ? null : fieldBlockOf(sendable);
}

/** The names among them that may not. */
export function forbiddenTrailers(fields: FieldBlock): readonly string[] {
  return fieldListOf(fields)
    .map(([name]) => name)
    .filter((name) => !isTrailerName(name));
}
