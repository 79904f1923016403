import { describe, expect, test } from "bun:test";

import { TrustedProxies } from "./trusted-proxies.ts";

describe("TrustedProxies", () => {
  test.each([
    [["10.0.0.0/8"], "10.0.0.1:80", true],
    [["10.0.0.0/8"], "11.0.0.1:80", false],
    [["2001:db8::/32"], "[2001:db8::1]:80", true],
    [["10.0.0.0/8"], "[::ffff:10.0.0.1]:80", true],
    [["unix"], "unix:", true],
    [["10.0.0.0/8"], "unix:", false],
    [["unix"], "10.0.0.1:80", false],
    [["0.0.0.0/0", "::/0"], "unknown", false],
  ])("%p has the peer %p: %p", (entries, peer, expected) => {
    expect(new TrustedProxies(entries).hasPeer(peer)).toBe(expected);
  });

  test("trusts nobody when nobody is named", () => {
    expect(new TrustedProxies([]).isEmpty).toBe(true);
    expect(new TrustedProxies(["unix"]).isEmpty).toBe(false);
  });
});
