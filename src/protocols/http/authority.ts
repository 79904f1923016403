import { indexOfOctet } from "./octet-text.ts";
import { COLON, HEX_VALUE, octetTable, PERCENT } from "./octets.ts";

/** `unreserved / sub-delims` of RFC 3986 §2: what a registered name or an IPv4 address is made of, percent-encoding aside. */
const REGISTERED_NAME = octetTable(/[0-9A-Za-z\-._~!$&'()*+,;=]/);

const LEFT_BRACKET = 0x5b;
const RIGHT_BRACKET = 0x5d;
const DOT = 0x2e;
const PORT_MAX = 65_535;

/**
 * True when `bytes[start, end)` is `host [":" port]` as Host and the http(s) schemes want it: a host that is not empty, no user info, a port
 * of digits up to 65535 or empty (RFC 9110 §7.2 and §4.2, RFC 3986 §3.2). Of the bracketed literals only IPv6 addresses count.
 */
export function isAuthority(bytes: Buffer, start: number, end: number): boolean {
  const hostEnd =
    bytes[start] === LEFT_BRACKET ? endOfBrackets(bytes, start, end) : endOfRegisteredName(bytes, start, end);
  if (hostEnd <= start) return false;
  return hostEnd === end || (bytes[hostEnd] === COLON && isPort(bytes, hostEnd + 1, end));
}

/** The offset of the first octet that is no part of a registered name. */
function endOfRegisteredName(bytes: Buffer, start: number, end: number): number {
  let at = start;
  while (at < end) {
    const octet = bytes[at]!;
    if (REGISTERED_NAME[octet] === 1) at++;
    else if (octet === PERCENT && at + 2 < end && isHex(bytes[at + 1]!) && isHex(bytes[at + 2]!)) at += 3;
    else break;
  }
  return at;
}

/** The offset after the closing bracket, or -1 when there is none or no IPv6 address before it. */
function endOfBrackets(bytes: Buffer, start: number, end: number): number {
  const close = indexOfOctet(bytes, RIGHT_BRACKET, start, end);
  return close < end && isIpv6(bytes, start + 1, close) ? close + 1 : -1;
}

function isPort(bytes: Buffer, start: number, end: number): boolean {
  let port = 0;
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30;
    if (digit < 0 || digit > 9) return false;
    port = port * 10 + digit;
    if (port > PORT_MAX) return false;
  }
  return true;
}

/** RFC 3986 §3.2.2: eight groups of one to four hex digits, one run of them left out as `::`, the last two perhaps as an IPv4 address. */
function isIpv6(bytes: Buffer, start: number, end: number): boolean {
  let groupCount = 0;
  let hasGap = false;
  let at = start;
  if (bytes[at] === COLON) {
    if (bytes[at + 1] !== COLON) return false;
    hasGap = true;
    at += 2;
  }
  while (at < end) {
    const groupStart = at;
    while (at < end && isHex(bytes[at]!)) at++;
    if (at < end && bytes[at] === DOT) {
      groupCount += 2;
      return isIpv4(bytes, groupStart, end) && (hasGap ? groupCount <= 7 : groupCount === 8);
    }
    if (at === groupStart || at - groupStart > 4) return false;
    groupCount++;
    if (at === end) break;
    if (bytes[at] !== COLON || ++at === end) return false;
    if (bytes[at] === COLON) {
      if (hasGap) return false;
      hasGap = true;
      at++;
    }
  }
  return hasGap ? groupCount <= 7 : groupCount === 8;
}

function isIpv4(bytes: Buffer, start: number, end: number): boolean {
  let octetCount = 0;
  let at = start;
  for (;;) {
    const octetStart = at;
    let value = 0;
    while (at < end && bytes[at]! >= 0x30 && bytes[at]! <= 0x39 && at - octetStart < 3)
      value = value * 10 + bytes[at++]! - 0x30;
    const hasLeadingZero = at - octetStart > 1 && bytes[octetStart] === 0x30;
    if (at === octetStart || value > 255 || hasLeadingZero) return false;
    octetCount++;
    if (at === end) return octetCount === 4;
    if (bytes[at++] !== DOT) return false;
  }
}

function isHex(octet: number): boolean {
  return HEX_VALUE[octet]! >= 0;
}
