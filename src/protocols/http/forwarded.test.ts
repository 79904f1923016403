import { describe, expect, test } from "bun:test";
import { quickestMs } from "../../../test/support/quickest-ms.ts";

import { type ForwardedHop, parseForwarded, parseXForwarded } from "./forwarded.ts";

function hop(address: string | null, rest: Partial<ForwardedHop> = {}): ForwardedHop {
  return { address, port: 0, scheme: null, host: null, ...rest };
}

describe("parseForwarded", () => {
  test.each<[string, readonly ForwardedHop[] | null]>([
    ["for=192.0.2.60", [hop("192.0.2.60")]],
    [
      "For=192.0.2.60;Proto=HTTPS;by=203.0.113.43;HOST=a.test",
      [hop("192.0.2.60", { scheme: "https", host: "a.test" })],
    ],
    ['for="192.0.2.60:4711"', [hop("192.0.2.60", { port: 4711 })]],
    ['for="[2001:db8::1]:4711"', [hop("2001:db8::1", { port: 4711 })]],
    ['for="[2001:db8::1]" , for=192.0.2.1', [hop("2001:db8::1"), hop("192.0.2.1")]],
    ["for=unknown, for=_hidden, for=_gazonk:80", [hop(null), hop(null), hop(null)]],
    ["proto=https", [hop(null, { scheme: "https" })]],
    ["for=192.0.2.1;proto=gopher", [hop("192.0.2.1")]],
    ['for=192.0.2.1;host="a\\"b"', [hop("192.0.2.1", { host: 'a"b' })]],
    ['for=192.0.2.1;ext="a,b;c=d", for=192.0.2.2', [hop("192.0.2.1"), hop("192.0.2.2")]],
    ['for="192.0.2.1:65536"', [hop(null)]],
    ["for=[2001:db8::1]", [hop("2001:db8::1")]],
    ["for=999.0.0.1", [hop(null)]],
    ["", []],
    ["for=1.1.1.1 for=2.2.2.2", null],
    ["for=1.1.1.1;for=2.2.2.2", null],
    ['for="1.1.1.1', null],
    ["for=1.1.1.1,", [hop("1.1.1.1")]],
    ["for=1.1.1.1;", null],
    [",for=1.1.1.1", null],
    ["for", null],
    ["=1.1.1.1", null],
  ])("reads %p", (text, expected) => {
    expect(parseForwarded(text)).toEqual(expected);
  });

  test("takes time linear in what a client sends", () => {
    for (const text of [
      "a=b;".repeat(8_000),
      `for="${"\\".repeat(30_000)}`,
      " ".repeat(30_000),
      "for=".repeat(8_000),
    ]) {
      expect(quickestMs(() => parseForwarded(text))).toBeLessThan(500);
    }
  });
});

describe("parseXForwarded", () => {
  const parse = (from: string | null, proto: string | null = null, host: string | null = null) =>
    parseXForwarded({ for: from, proto, host });

  test.each<[string | null, readonly ForwardedHop[]]>([
    [null, []],
    ["192.0.2.1", [hop("192.0.2.1")]],
    ["192.0.2.1, 2001:db8::1,192.0.2.2:80", [hop("192.0.2.1"), hop("2001:db8::1"), hop("192.0.2.2", { port: 80 })]],
    ["[2001:db8::1]:80", [hop("2001:db8::1", { port: 80 })]],
    ["unknown, , 192.0.2.1", [hop(null), hop(null), hop("192.0.2.1")]],
    ["localhost", [hop(null)]],
    ["192.0.2.1 192.0.2.2", [hop(null)]],
  ])("reads %p", (text, expected) => {
    expect(parse(text)).toEqual(expected);
  });

  test("joins schemes and hosts to addresses entry by entry, or takes the nearest proxy's for all", () => {
    expect(parse("1.1.1.1, 2.2.2.2", "https, http", "a.test, b.test")).toEqual([
      hop("1.1.1.1", { scheme: "https", host: "a.test" }),
      hop("2.2.2.2", { scheme: "http", host: "b.test" }),
    ]);
    expect(parse("1.1.1.1, 2.2.2.2", "https", "x, y, a.test")).toEqual([
      hop("1.1.1.1", { scheme: "https", host: "a.test" }),
      hop("2.2.2.2", { scheme: "https", host: "a.test" }),
    ]);
    expect(parse("1.1.1.1", "wss", "")).toEqual([hop("1.1.1.1")]);
  });
});
