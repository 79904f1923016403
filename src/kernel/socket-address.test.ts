import { describe, expect, test } from "bun:test";

import { formatSocketAddress, parseSocketAddress, unmapIpv4 } from "./socket-address.ts";

const PAIRS = [
  ["127.0.0.1:80", { host: "127.0.0.1", port: 80 }],
  ["[::1]:8080", { host: "::1", port: 8080 }],
  ["example.org:0", { host: "example.org", port: 0 }],
  ["0.0.0.0:65535", { host: "0.0.0.0", port: 65_535 }],
  ["unix:/run/app.sock", { path: "/run/app.sock" }],
  ["unix:relative", { path: "relative" }],
] as const;

describe("SocketAddress", () => {
  test.each(PAIRS)("%s reads and writes the same", (text, address) => {
    expect(parseSocketAddress(text)).toEqual(address);
    expect(formatSocketAddress(address)).toBe(text);
  });

  test.each([
    ["::ffff:192.0.2.1", "192.0.2.1"],
    ["::ffff:c000:201", "::ffff:c000:201"],
    ["::ffff:1", "::ffff:1"],
    ["192.0.2.1", "192.0.2.1"],
    ["2001:db8::1", "2001:db8::1"],
  ])("of a peer at %s is %s", (host, plain) => {
    expect(unmapIpv4(host)).toBe(plain);
  });

  test.each([
    "",
    "127.0.0.1",
    ":80",
    "host:",
    "host:65536",
    "host:80x",
    "host:-1",
    "::1:80",
    "[::1]",
    "[::1:80",
    "[127.0.0.1]:80",
    "a b:80",
    "http://a:80",
    "unix:",
    "unix:/a\0b",
  ])("%j is no address", (text) => {
    expect(parseSocketAddress(text)).toBeNull();
  });
});
