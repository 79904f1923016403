import { COMMA, HTAB, SP } from "./octets.ts";

/** True when `bytes[start, end)` is `text`, letter case included. `text` is ASCII. */
export function isText(bytes: Buffer, start: number, end: number, text: string): boolean {
  if (end - start !== text.length) return false;
  for (let i = 0; i < text.length; i++) if (bytes[start + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** True when `bytes[start, end)` is `lowerCaseText`, letter case aside. `lowerCaseText` is ASCII without upper-case letters. */
export function isTextIgnoringCase(bytes: Buffer, start: number, end: number, lowerCaseText: string): boolean {
  if (end - start !== lowerCaseText.length) return false;
  for (let i = 0; i < lowerCaseText.length; i++) {
    if (toLowerCase(bytes[start + i]!) !== lowerCaseText.charCodeAt(i)) return false;
  }
  return true;
}

/**
 * The offset of the first `octet` in `bytes[start, end)`, or `end` when there is none. Unlike `Buffer.indexOf` it stays inside: a search
 * that runs on to the end of a chunk costs as much as its peer likes.
 */
export function indexOfOctet(bytes: Buffer, octet: number, start: number, end: number): number {
  let at = start;
  while (at < end && bytes[at] !== octet) at++;
  return at;
}

/**
 * True when the comma-separated list in `bytes[start, end)` has `lowerCaseToken` as one of its elements, letter case aside. Empty elements
 * and white space around elements are passed over (RFC 9110 §5.6.1.2).
 */
export function listHasToken(bytes: Buffer, start: number, end: number, lowerCaseToken: string): boolean {
  let at = start;
  while (at < end) {
    const elementEnd = indexOfOctet(bytes, COMMA, at, end);
    if (isTextIgnoringCase(bytes, skipSpace(bytes, at, elementEnd), trimSpace(bytes, at, elementEnd), lowerCaseToken)) {
      return true;
    }
    at = elementEnd + 1;
  }
  return false;
}

/** ASCII letters to lower case; every other octet stays. */
export function toLowerCase(octet: number): number {
  return octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet;
}

function skipSpace(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(bytes[at]!)) at++;
  return at;
}

function trimSpace(bytes: Buffer, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(bytes[at - 1]!)) at--;
  return at;
}

function isSpace(octet: number): boolean {
  return octet === SP || octet === HTAB;
}
