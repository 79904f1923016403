import { describe, expect, test } from "bun:test";

import type { PrefaceReader } from "../../kernel/preface.ts";
import { ProxyHeaderError } from "../../protocols/proxy/proxy-header-error.ts";
import { openProxyPreface } from "./proxy-preface.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

const trusted = new TrustedProxies(["10.0.0.0/8"]);
const HEADER = Buffer.from("PROXY TCP4 203.0.113.7 192.0.2.1 4711 443\r\n");

function readerOf(mode: "on" | "optional"): PrefaceReader {
  return openProxyPreface(mode, trusted)("10.0.0.1:80") as PrefaceReader;
}

describe("openProxyPreface", () => {
  test("lets nobody but trusted proxies in when it wants a header, and reads nobody else's when it does not", () => {
    expect(openProxyPreface("on", trusted)("192.0.2.1:80")).toBe("refuse");
    expect(openProxyPreface("optional", trusted)("192.0.2.1:80")).toBe("none");
  });

  test.each(["on", "optional"] as const)("%s: names the client, whose bytes begin behind the header", (mode) => {
    expect(readerOf(mode).read(HEADER)).toEqual({ byteLength: HEADER.length, remoteAddress: "203.0.113.7:4711" });
    expect(readerOf(mode).read(HEADER.subarray(0, 20))).toBeNull();
    expect(readerOf(mode).read(Buffer.from("PROXY UNKNOWN\r\n"))).toEqual({ byteLength: 15, remoteAddress: null });
    expect(() => readerOf(mode).read(Buffer.from("PROXY nonsense\r\n"))).toThrow(ProxyHeaderError);
  });

  test("refuses a connection without one only when it wants it", () => {
    expect(() => readerOf("on").read(Buffer.from("GET "))).toThrow(ProxyHeaderError);
    expect(readerOf("optional").read(Buffer.from("GET "))).toEqual({ byteLength: 0, remoteAddress: null });
  });
});
