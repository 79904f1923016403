import { describe, expect, test } from "bun:test";
import { isIP } from "node:net";

import { seededRandom } from "../../../test/support/seeded-random.ts";
import { decodeProxyHeader, type ProxyHeader } from "./proxy-header.ts";
import { ProxyHeaderError } from "./proxy-header-error.ts";

const SIGNATURE = "\r\n\r\n\0\r\nQUIT\n";

function v1(line: string): Buffer {
  return Buffer.from(line, "latin1");
}

interface V2Parts {
  readonly versionAndCommand?: number;
  readonly family?: number;
  readonly block?: readonly number[];
  /** Announced instead of what follows. */
  readonly byteLength?: number;
}

function v2({ versionAndCommand = 0x21, family = 0x11, block = [], byteLength = block.length }: V2Parts): Buffer {
  const fixed = [versionAndCommand, family, byteLength >>> 8, byteLength & 0xff];
  return Buffer.concat([Buffer.from(SIGNATURE, "latin1"), Buffer.from([...fixed, ...block])]);
}

const IPV4_BLOCK = [203, 0, 113, 7, 192, 0, 2, 1, 0x12, 0x67, 0x01, 0xbb];
const IPV6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7];
const MAPPED = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 203, 0, 113, 7];
const PORTS = [0x12, 0x67, 0x01, 0xbb];
const TLV = [0x04, 0, 3, 1, 2, 3];

const VALID: readonly (readonly [name: string, bytes: Buffer, source: ProxyHeader["source"]])[] = [
  ["v1 IPv4", v1("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n"), { address: "203.0.113.7", port: 4711 }],
  ["v1 IPv6", v1("PROXY TCP6 2001:db8::7 2001:db8::1 4711 443\r\n"), { address: "2001:db8::7", port: 4711 }],
  ["v1 port 0", v1("PROXY TCP4 203.0.113.7 192.0.2.1 0 65535\r\n"), { address: "203.0.113.7", port: 0 }],
  ["v1 UNKNOWN", v1("PROXY UNKNOWN\r\n"), null],
  ["v1 UNKNOWN with more", v1("PROXY UNKNOWN ffff:f::ffff a 65535 65535\r\n"), null],
  ["v1 of 107 bytes", v1(`PROXY UNKNOWN ${"x".repeat(91)}\r\n`), null],
  ["v2 IPv4", v2({ block: IPV4_BLOCK }), { address: "203.0.113.7", port: 4711 }],
  ["v2 IPv4 with a TLV", v2({ block: [...IPV4_BLOCK, ...TLV] }), { address: "203.0.113.7", port: 4711 }],
  ["v2 IPv6", v2({ family: 0x21, block: [...IPV6, ...IPV6, ...PORTS] }), { address: "2001:db8::7", port: 4711 }],
  [
    "v2 IPv4 in IPv6",
    v2({ family: 0x21, block: [...MAPPED, ...MAPPED, ...PORTS] }),
    { address: "203.0.113.7", port: 4711 },
  ],
  ["v2 LOCAL", v2({ versionAndCommand: 0x20, family: 0 }), null],
  ["v2 LOCAL with addresses", v2({ versionAndCommand: 0x20, block: IPV4_BLOCK }), null],
  ["v2 UNSPEC", v2({ family: 0, block: [1, 2, 3] }), null],
  ["v2 UDP", v2({ family: 0x12, block: IPV4_BLOCK }), null],
  ["v2 Unix", v2({ family: 0x31, block: Array<number>(216).fill(0) }), null],
  [
    "v2 at its limit",
    v2({ block: [...IPV4_BLOCK, ...Array<number>(4_084).fill(0)] }),
    { address: "203.0.113.7", port: 4711 },
  ],
];

describe("decodeProxyHeader", () => {
  test.each(VALID)("reads %s, and says where the rest begins", (_, bytes, source) => {
    const expected = { byteLength: bytes.length, source };
    expect(decodeProxyHeader(bytes)).toEqual(expected);
    expect(decodeProxyHeader(Buffer.concat([bytes, Buffer.from("GET / HTTP/1.1\r\n")]))).toEqual(expected);
  });

  test.each(VALID)("waits for the end of %s at every place it can be cut", (_, bytes) => {
    for (let length = 0; length < bytes.length; length++) {
      expect(decodeProxyHeader(bytes.subarray(0, length))).toBeNull();
    }
  });

  test.each([
    ["HTTP", "GET / HTTP/1.1\r\n"],
    ["the HTTP/2 preface", "PRI * HTTP/2.0\r\n"],
    ["a TLS handshake", "\x16\x03\x01"],
    ["lower case", "proxy TCP4"],
    ["a PROXY-like method", "PROXYGET / HTTP/1.1"],
    ["another signature", "\r\n\r\n\0\r\nQUIX\n"],
    ["blank lines", "\r\n\r\nGET / HTTP/1.1"],
  ])("takes %s for what it is", (_, text) => {
    expect(decodeProxyHeader(Buffer.from(text, "latin1"))).toBe("none");
  });

  test.each<[string, Buffer]>([
    ["a bare LF", v1("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\n")],
    ["two spaces", v1("PROXY TCP4  203.0.113.7 192.0.2.1 4711 443\r\n")],
    ["a missing port", v1("PROXY TCP4 203.0.113.7 192.0.2.1 4711\r\n")],
    ["a trailing space", v1("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443 \r\n")],
    ["an unknown protocol", v1("PROXY UDP4 203.0.113.7 192.0.2.1 4711 443\r\n")],
    ["UNKNOWN run together", v1("PROXY UNKNOWNS\r\n")],
    ["an IPv6 address as TCP4", v1("PROXY TCP4 2001:db8::7 192.0.2.1 4711 443\r\n")],
    ["a host name", v1("PROXY TCP4 example.org 192.0.2.1 4711 443\r\n")],
    ["an octet over 255", v1("PROXY TCP4 203.0.113.256 192.0.2.1 4711 443\r\n")],
    ["a port over 65535", v1("PROXY TCP4 203.0.113.7 192.0.2.1 65536 443\r\n")],
    ["a port with a leading zero", v1("PROXY TCP4 203.0.113.7 192.0.2.1 04711 443\r\n")],
    ["a line of 108 bytes", v1(`PROXY UNKNOWN ${"x".repeat(92)}\r\n`)],
    ["a line without end", v1(`PROXY UNKNOWN ${"x".repeat(93)}`)],
    ["version 1 in binary", v2({ versionAndCommand: 0x11, block: IPV4_BLOCK })],
    ["version 3", v2({ versionAndCommand: 0x31, block: IPV4_BLOCK })],
    ["an unknown command", v2({ versionAndCommand: 0x22, block: IPV4_BLOCK })],
    ["addresses cut short", v2({ block: IPV4_BLOCK.slice(1) })],
    ["IPv6 addresses cut short", v2({ family: 0x21, block: IPV4_BLOCK })],
    ["an announced length over the limit", v2({ byteLength: 4_097 })],
  ])("refuses %s", (_, bytes) => {
    expect(() => decodeProxyHeader(bytes)).toThrow(ProxyHeaderError);
  });
});

describe("decodeProxyHeader › fuzz", () => {
  test.each([1, 2, 3])("reads, waits, passes on or refuses, whatever arrives (seed %d)", (seed) => {
    const random = seededRandom(seed);
    for (let round = 0; round < 5_000; round++) {
      const bytes = Buffer.from(VALID[random.below(VALID.length)]![1]);
      for (let count = random.below(4); count >= 0; count--) bytes[random.below(bytes.length)] = random.below(256);
      const cut = bytes.subarray(0, random.below(bytes.length + 1));
      let header: ReturnType<typeof decodeProxyHeader>;
      try {
        header = decodeProxyHeader(cut);
      } catch (error) {
        expect(error).toBeInstanceOf(ProxyHeaderError);
        continue;
      }
      if (header === null || header === "none") continue;
      expect(header.byteLength).toBeLessThanOrEqual(cut.length);
      if (header.source !== null) expect(isIP(header.source.address)).not.toBe(0);
    }
  });
});
