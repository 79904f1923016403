import { describe, expect, test } from "bun:test";

import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { RecordingWriter } from "../../../test/support/recording-writer.ts";
import { Exchange, type ExchangeHandler } from "../exchange.ts";
import { type ForwardedFields, resolveForwarded } from "./forwarded-dispatch.ts";
import { TrustedProxies } from "./trusted-proxies.ts";

const handler: ExchangeHandler = { onRequest() {}, onClientEnd: () => "drop", onAbandoned() {} };

interface Case {
  readonly peer?: string;
  readonly headers: readonly (readonly [string, string])[];
  readonly kind?: ForwardedFields;
  readonly trusted?: readonly string[];
}

/** What the app is told of a request that came from `peer` with these fields. */
function resolved({ peer = "10.0.0.1:5000", headers, kind = "x-forwarded", trusted = ["10.0.0.0/8"] }: Case): string {
  const line = { method: "GET", target: "/", path: "/", query: "", authority: "inner.test" };
  const head = buildRequestHead({ ...line, fields: [["Host", "inner.test"], ...headers] });
  const exchange = new Exchange(head, Buffer.from(peer), "http", new RecordingWriter());
  const dispatch = resolveForwarded(() => handler, kind, new TrustedProxies(trusted));
  expect(dispatch(exchange)).toBe(handler);
  return `${exchange.scheme} ${exchange.remoteAddress.toString()} ${head.authority}`;
}

const xff = (value: string) => ["X-Forwarded-For", value] as const;

describe("resolveForwarded", () => {
  test.each<[string, Case, string]>([
    ["takes the client from a trusted proxy", { headers: [xff("203.0.113.7")] }, "http 203.0.113.7:0 inner.test"],
    [
      "believes nobody else, whatever they send",
      {
        peer: "192.0.2.1:5000",
        headers: [xff("203.0.113.7"), ["X-Forwarded-Proto", "https"], ["X-Forwarded-Host", "a.test"]],
      },
      "http 192.0.2.1:5000 inner.test",
    ],
    ["believes nobody by default", { headers: [xff("203.0.113.7")], trusted: [] }, "http 10.0.0.1:5000 inner.test"],
    [
      "takes the right-most address that no trusted proxy has: the client's own entries are to its left",
      { headers: [xff("1.1.1.1, 127.0.0.1, 10.9.9.9, 203.0.113.7, 10.0.0.2")] },
      "http 203.0.113.7:0 inner.test",
    ],
    [
      "reads several fields as one list, in their order",
      { headers: [xff("1.1.1.1"), ["x-forwarded-for", "203.0.113.7"], xff("10.0.0.2")] },
      "http 203.0.113.7:0 inner.test",
    ],
    ["takes the farthest when all are trusted", { headers: [xff("10.1.1.1, 10.0.0.2")] }, "http 10.1.1.1:0 inner.test"],
    [
      "goes no farther than an entry that is no address",
      { headers: [xff("203.0.113.7, unknown, 10.0.0.2")] },
      "http 10.0.0.2:0 inner.test",
    ],
    ["stays with the peer when the nearest entry is none", { headers: [xff("x")] }, "http 10.0.0.1:5000 inner.test"],
    [
      "takes scheme, host and port too",
      { headers: [xff("[2001:db8::7]:4711"), ["X-Forwarded-Proto", "https"], ["X-Forwarded-Host", "a.test:8443"]] },
      "https [2001:db8::7]:4711 a.test:8443",
    ],
    [
      "takes neither scheme nor host without a client",
      {
        headers: [
          ["X-Forwarded-Proto", "https"],
          ["X-Forwarded-Host", "a.test"],
        ],
      },
      "http 10.0.0.1:5000 inner.test",
    ],
    [
      "passes over a host that is none",
      { headers: [xff("203.0.113.7"), ["X-Forwarded-Host", "a.test/evil"]] },
      "http 203.0.113.7:0 inner.test",
    ],
    [
      "does not read Forwarded beside X-Forwarded-*: the proxy passes the client's on",
      { headers: [["Forwarded", "for=1.1.1.1;proto=https"], xff("203.0.113.7")] },
      "http 203.0.113.7:0 inner.test",
    ],
    [
      "reads Forwarded when told to, and then nothing else",
      {
        kind: "forwarded",
        headers: [
          xff("1.1.1.1"),
          ["Forwarded", 'for=9.9.9.9, for="[2001:db8::7]:1";proto=https;host=a.test, for=10.0.0.2'],
        ],
      },
      "https [2001:db8::7]:1 a.test",
    ],
    [
      "believes nothing of a Forwarded that is malformed",
      { kind: "forwarded", headers: [["Forwarded", "for=203.0.113.7,,for=10.0.0.2"]] },
      "http 10.0.0.1:5000 inner.test",
    ],
    [
      "knows a trusted peer by its IPv4-mapped address",
      { peer: "[::ffff:10.0.0.1]:5000", headers: [xff("203.0.113.7")] },
      "http 203.0.113.7:0 inner.test",
    ],
    [
      "believes peers on a Unix socket when it is told to",
      { peer: "unix:", trusted: ["unix"], headers: [xff("203.0.113.7")] },
      "http 203.0.113.7:0 inner.test",
    ],
    ["and not otherwise", { peer: "unix:", headers: [xff("203.0.113.7")] }, "http unix: inner.test"],
  ])("%s", (_, given, expected) => {
    expect(resolved(given)).toBe(expected);
  });
});
