import { describe, expect, test } from "bun:test";

import { IpNetworks } from "./ip-networks.ts";

describe("IpNetworks", () => {
  test.each([
    ["10.0.0.0/8", "10.255.0.1", true],
    ["10.0.0.0/8", "11.0.0.1", false],
    ["10.0.0.0/8", "::ffff:10.1.2.3", true],
    ["10.0.0.0/8", "::ffff:a01:203", true],
    ["::ffff:10.0.0.0/104", "10.1.2.3", true],
    ["192.0.2.1", "192.0.2.1", true],
    ["192.0.2.1", "192.0.2.2", false],
    ["192.0.2.1/32", "192.0.2.1", true],
    ["0.0.0.0/0", "203.0.113.9", true],
    ["0.0.0.0/0", "2001:db8::1", false],
    ["::/0", "2001:db8::1", true],
    ["2001:db8::/32", "2001:db8:ffff::1", true],
    ["2001:db8::/32", "2001:db9::1", false],
    ["2001:db8::/127", "2001:db8::1", true],
    ["2001:db8::/127", "2001:db8::2", false],
    ["::1", "::1", true],
    ["::1", "0:0:0:0:0:0:0:1", true],
    ["fe80::/10", "fe80::1%eth0", false],
    ["::1", "unix:", false],
    ["::1", "", false],
  ])("%s holds %s: %p", (network, address, expected) => {
    expect(new IpNetworks([network]).has(address)).toBe(expected);
  });

  test.each([
    "",
    "10.0.0.0/33",
    "10.0.0.0/",
    "10.0.0.0/-1",
    "10.0.0.0/8/8",
    "10.0.0.1/8",
    "10.0.0",
    "10.0.0.256",
    "example.org",
    "2001:db8::/129",
    "2001:db8::1/32",
    "[::1]",
    "fe80::1%eth0",
  ])("does not take %p", (text) => {
    expect(IpNetworks.isNetwork(text)).toBe(false);
    expect(() => new IpNetworks([text])).toThrow(RangeError);
  });

  test("holds nothing when it is empty", () => {
    expect(new IpNetworks([]).isEmpty).toBe(true);
    expect(new IpNetworks([]).has("127.0.0.1")).toBe(false);
  });
});
