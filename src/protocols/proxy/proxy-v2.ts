import { ProxyHeaderError } from "./proxy-header-error.ts";
import type { ProxyHeader } from "./proxy-header.ts";

/** §2.2: twelve octets that no other protocol begins with. */
const SIGNATURE = Buffer.from("\r\n\r\n\0\r\nQUIT\n", "latin1");

const FIXED_BYTES = 16;

/** Addresses and TLVs together. The format allows 65,535; a certificate in a TLV fits into far less, and a peer has to earn a buffer. */
const VARIABLE_BYTES_MAX = 4_096;

const COMMAND_LOCAL = 0x0;
const COMMAND_PROXY = 0x1;
const TCP_OVER_IPV4 = 0x11;
const TCP_OVER_IPV6 = 0x21;
const IPV4_BLOCK_BYTES = 12;
const IPV6_BLOCK_BYTES = 36;

/** True when `bytes`, of which more may follow, can be the beginning of a version 2 header. */
export function isProxyV2Start(bytes: Buffer): boolean {
  const count = Math.min(bytes.length, SIGNATURE.length);
  return count > 0 && SIGNATURE.compare(bytes, 0, count, 0, count) === 0;
}

/** TLVs are skipped. @throws {ProxyHeaderError} */
export function decodeProxyV2(bytes: Buffer): ProxyHeader | null {
  if (bytes.length < FIXED_BYTES) return null;
  const version = bytes[12]! >>> 4;
  const command = bytes[12]! & 0xf;
  if (version !== 2) throw new ProxyHeaderError(`its version is ${version}`, "2");
  if (command > COMMAND_PROXY) throw new ProxyHeaderError(`its command is ${command}`, "LOCAL or PROXY");
  const variableBytes = bytes.readUInt16BE(14);
  if (variableBytes > VARIABLE_BYTES_MAX) {
    throw new ProxyHeaderError(`it announces ${variableBytes} bytes`, `at most ${VARIABLE_BYTES_MAX}`);
  }
  const byteLength = FIXED_BYTES + variableBytes;
  if (bytes.length < byteLength) return null;
  // §2.2: of LOCAL nothing but the length counts, and a kind of address that is not known leaves the connection's own.
  if (command === COMMAND_LOCAL) return { byteLength, source: null };
  switch (bytes[13]) {
    case TCP_OVER_IPV4:
      if (variableBytes < IPV4_BLOCK_BYTES) throw tooShort();
      return { byteLength, source: { address: readIpv4(bytes, 16), port: bytes.readUInt16BE(24) } };
    case TCP_OVER_IPV6:
      if (variableBytes < IPV6_BLOCK_BYTES) throw tooShort();
      return { byteLength, source: { address: readIpv6(bytes, 16), port: bytes.readUInt16BE(48) } };
    default:
      return { byteLength, source: null };
  }
}

function tooShort(): ProxyHeaderError {
  return new ProxyHeaderError("it is shorter than its addresses", "12 bytes for IPv4 and 36 for IPv6");
}

function readIpv4(bytes: Buffer, at: number): string {
  return bytes.subarray(at, at + 4).join(".");
}

/** In the form of RFC 5952; IPv4 in IPv6 is written as IPv4. */
function readIpv6(bytes: Buffer, at: number): string {
  const isMapped =
    bytes.readUInt32BE(at) === 0 && bytes.readUInt32BE(at + 4) === 0 && bytes.readUInt32BE(at + 8) === 0xffff;
  if (isMapped) return readIpv4(bytes, at + 12);
  const groups = Array.from({ length: 8 }, (_, index) => bytes.readUInt16BE(at + 2 * index).toString(16));
  return shorten(groups);
}

/** RFC 5952 §4.2: the longest run of zeros, of two groups at least and the first of equals, is `::`. */
function shorten(groups: readonly string[]): string {
  let best = { start: 0, count: 1 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== "0") start = index + 1;
    else if (index + 1 - start > best.count) best = { start, count: index + 1 - start };
  }
  if (best.count === 1) return groups.join(":");
  return `${groups.slice(0, best.start).join(":")}::${groups.slice(best.start + best.count).join(":")}`;
}
