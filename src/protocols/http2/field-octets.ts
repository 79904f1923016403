import { FIELD_VALUE, TOKEN } from "../http/field-rules.ts";
import { HTAB, SP } from "../http/octets.ts";

/** 1 for every octet of a field name: a token without upper-case letters (RFC 9113 §8.2.1). */
const LOWER_CASE_TOKEN = Uint8Array.from(TOKEN, (isToken, octet) => (octet >= 0x41 && octet <= 0x5a ? 0 : isToken));

/**
 * The hash of the field name at `bytes[start, end)`, as `hashName` makes it; -1 when it is no name: empty, or with an octet that may not
 * stand in one.
 */
export function hashFieldName(bytes: Buffer, start: number, end: number): number {
  if (start === end) return -1;
  let hash = 0;
  for (let at = start; at < end; at++) {
    const octet = bytes[at]!;
    if (LOWER_CASE_TOKEN[octet] === 0) return -1;
    hash = (Math.imul(hash, 31) + (octet | 0x20)) | 0;
  }
  return hash >>> 0;
}

/** True when `bytes[start, end)` may be a field's value: no control characters, no white space around it. RFC 9113 §8.2.1. */
export function isFieldValue(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return true;
  for (let at = start; at < end; at++) if (FIELD_VALUE[bytes[at]!] === 0) return false;
  return !isSpace(bytes[start]!) && !isSpace(bytes[end - 1]!);
}

function isSpace(octet: number): boolean {
  return octet === SP || octet === HTAB;
}
