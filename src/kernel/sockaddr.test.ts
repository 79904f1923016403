import { describe, expect, test } from "bun:test";

import { AF_INET, AF_INET6, AF_UNIX, decodePort, encodeIpSockaddr, encodeUnixSockaddr } from "./sockaddr.ts";

const hex = (bytes: Uint8Array | undefined): string => Buffer.from(bytes ?? []).toString("hex");

describe("encodeIpSockaddr", () => {
  test("writes the family, the port big-endian, and the address", () => {
    const sockaddr = encodeIpSockaddr("192.0.2.1", 0x1f90);
    expect(sockaddr?.family).toBe(AF_INET);
    expect(hex(sockaddr?.bytes)).toBe("02001f90c00002010000000000000000");
  });

  test("writes an IPv6 address with its port", () => {
    const sockaddr = encodeIpSockaddr("2001:db8::1", 443);
    expect(sockaddr?.family).toBe(AF_INET6);
    expect(hex(sockaddr?.bytes)).toBe("0a0001bb0000000020010db800000000000000000000000100000000");
  });

  test("writes the interface of a link-local address", () => {
    // The loopback interface is the first one of every network namespace.
    expect(hex(encodeIpSockaddr("fe80::1%lo", 1)?.bytes)).toEndWith("01000000");
  });

  test.each(["localhost", "", "256.0.0.1", "fe80::1%no-such-interface"])("has no structure for %j", (host) => {
    expect(encodeIpSockaddr(host, 1)).toBeNull();
  });
});

describe("encodeUnixSockaddr", () => {
  test("ends the path with a zero byte", () => {
    const sockaddr = encodeUnixSockaddr("/a");
    expect(sockaddr?.family).toBe(AF_UNIX);
    expect(hex(sockaddr?.bytes)).toBe("01002f6100");
  });

  test("takes a path of 107 bytes and none of 108", () => {
    expect(encodeUnixSockaddr(`/${"x".repeat(106)}`)?.bytes).toHaveLength(110);
    expect(encodeUnixSockaddr(`/${"x".repeat(107)}`)).toBeNull();
    expect(encodeUnixSockaddr(`/${"é".repeat(54)}`)).toBeNull();
  });

  test("has no structure for a path with a zero byte", () => {
    expect(encodeUnixSockaddr("/a\0b")).toBeNull();
  });
});

describe("decodePort", () => {
  test("reads back what was encoded, and 0 where there is no port", () => {
    expect(decodePort(encodeIpSockaddr("0.0.0.0", 65_535)!.bytes)).toBe(65_535);
    expect(decodePort(encodeIpSockaddr("::", 8080)!.bytes)).toBe(8080);
    expect(decodePort(encodeUnixSockaddr("/tmp/a")!.bytes)).toBe(0);
  });
});
