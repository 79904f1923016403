import { head, type ExpectedField, type ExpectedRequest, type Http1Case, served } from "./http1-case.ts";

const HOST: ExpectedField = ["Host", "a.example"];

/** `GET target` of a.example with `Host` and nothing else, unless said otherwise. */
function get(target: string, rest: Partial<ExpectedRequest> = {}): ExpectedRequest {
  return { method: "GET", target, host: "a.example", fields: [HOST], body: "", ...rest };
}

/** The same in HTTP/1.0, which closes unless it is asked not to. */
function old(target: string, rest: Partial<ExpectedRequest> = {}): ExpectedRequest {
  return get(target, { versionMinor: 0, isKeepAlive: false, ...rest });
}

/** `GET target HTTP/1.1` of a.example. */
function withTarget(name: string, target: string, rest?: Partial<ExpectedRequest>): Http1Case {
  return served(name, head(`GET ${target} HTTP/1.1`, "Host: a.example"), get(target, rest));
}

/** `method / HTTP/1.1` of a.example. */
function withMethod(name: string, method: string): Http1Case {
  return served(name, head(`${method} / HTTP/1.1`, "Host: a.example"), get("/", { method }));
}

/** `GET / HTTP/1.1` with one Host, of which `host` is the whole value. */
function withHost(name: string, host: string): Http1Case {
  return served(name, head("GET / HTTP/1.1", `Host: ${host}`), get("/", { host, fields: [["Host", host]] }));
}

/** `GET / HTTP/1.1` of a.example with more lines after Host. */
function withLines(name: string, lines: readonly string[], rest: Partial<ExpectedRequest> = {}): Http1Case {
  const bytes = head("GET / HTTP/1.1", "Host: a.example", ...lines);
  return served(name, bytes, get("/", { fields: [HOST, ...lines.map(fieldOf)], ...rest }));
}

/** What RFC 9112 §5.1 makes of a valid line. */
function fieldOf(line: string): ExpectedField {
  const colon = line.indexOf(":");
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^[ \t]+|[ \t]+$/g, "")];
}

/** Request lines: methods, the four forms of a target, versions. RFC 9112 §3. */
const REQUEST_LINES: readonly Http1Case[] = [
  withTarget("a minimal request", "/"),
  withMethod("an extension method", "PURGE"),
  withMethod("a method in lower case, which is another method", "get"),
  withMethod("a method of every token octet", "!#$%&'*+-.^_`|~09azAZ"),
  withMethod("TRACE, for the application to refuse", "TRACE"),
  withTarget("a query", "/p/q?x=1&y"),
  withTarget("an empty query", "/p?"),
  withTarget("a question mark inside the query", "/p?a?b"),
  withTarget("dot segments and double slashes, not normalised", "//a/../b/./c//"),
  withTarget("percent-encoding, not decoded", "/%2e%2E/%2F%00%zz"),
  withTarget("octets that should be encoded and are not", '/"<>\\^`{|}?"<>\\^`{|}'),
  withTarget("raw UTF-8 and other high octets in the target", "/caf\xc3\xa9?\xff\x80"),
  withTarget("absolute form", "http://a.example/p?q", { path: "/p", query: "q" }),
  withTarget("absolute form without a path", "http://a.example", { path: "/", query: "" }),
  withTarget("absolute form with a query and no path", "http://a.example?a/b", { path: "/", query: "a/b" }),
  withTarget("absolute form in https, letter case aside", "HTTPS://a.example/", { path: "/" }),
  withTarget("absolute form whose authority replaces Host", "http://b:81/p", {
    host: "b:81",
    fields: [["Host", "b:81"]],
    path: "/p",
  }),
  served("an empty line before the request", `\r\n${head("GET / HTTP/1.1", "Host: a.example")}`, get("/")),
  served("OPTIONS *", head("OPTIONS * HTTP/1.1", "Host: a.example"), get("*", { method: "OPTIONS" })),
  served("a higher minor version, which is answered as 1.1", head("GET / HTTP/1.9", "Host: a.example"), get("/")),
  served("HTTP/1.0 without Host", head("GET / HTTP/1.0"), old("/", { host: "", fields: [] })),
  served("HTTP/1.0 with Host", head("GET / HTTP/1.0", "Host: a.example"), old("/")),
  served(
    "absolute form whose authority wins over an empty Host",
    head("GET http://b/ HTTP/1.1", "Host:"),
    get("http://b/", { host: "b", fields: [["Host", "b"]], path: "/" }),
  ),
  served(
    "absolute form in HTTP/1.0 without Host",
    head("GET http://b/ HTTP/1.0"),
    old("http://b/", { host: "b", fields: [], path: "/" }),
  ),
];

/** Values of Host. RFC 9110 §7.2, RFC 3986 §3.2.2. */
const HOSTS: readonly Http1Case[] = [
  withHost("an empty Host", ""),
  withHost("a Host with a port", "a.example:8080"),
  withHost("a Host with an empty port", "a.example:"),
  withHost("a Host with the highest port", "a.example:65535"),
  withHost("an IPv4 address as Host", "127.0.0.1:80"),
  withHost("an IPv6 address as Host", "[2001:db8::1]"),
  withHost("an IPv6 address with a port as Host", "[::1]:8080"),
  withHost("an IPv6 address that ends in an IPv4 address as Host", "[::ffff:192.0.2.1]"),
  withHost("a Host with an underscore and sub-delimiters", "my_host.(x)!;,=*'$&+~-"),
  withHost("a Host with percent-encoding", "%61.example"),
];

/** Field lines. RFC 9112 §5. */
const FIELDS: readonly Http1Case[] = [
  withLines("fields in their order, with their case and their duplicates", ["X-b: 1", "x-A: 2", "X-B: 3"]),
  withLines("white space around values, which is left out", ["A: \t 1 \t ", "B:2", "C:\t3"]),
  withLines("white space inside values, which stays", ["A: 1 \t 2"]),
  withLines("empty values", ["A:", "B: ", "C:\t \t"]),
  withLines("a colon in a value", ["A: b:c: d"]),
  withLines("obs-text in a value", ["A: \x80\xc3\xa9\xff"]),
  withLines("a name of every token octet", ["!#$%&'*+-.^_`|~09azAZ: 1"]),
  withLines("names that differ in dash and underscore, both kept", ["X-A: 1", "X_A: 2"]),
  withLines("fields that look like framing and are not", ["Content_Length: 5", "Transfer-Encodings: chunked"]),
  withLines("TE and Upgrade, which change nothing here", ["TE: trailers", "Upgrade: h2c"]),
];

/** Who closes the connection, and who waits before sending a body. RFC 9112 §9.3, RFC 9110 §10.1.1. */
const PERSISTENCE: readonly Http1Case[] = [
  withLines("Connection: close", ["Connection: close"], { isKeepAlive: false }),
  withLines("close inside a list, letter case aside", ["Connection: , Upgrade ,\tCLOSE,"], { isKeepAlive: false }),
  withLines("close in the first of two lists", ["Connection: close", "Connection: x"], { isKeepAlive: false }),
  withLines("close in the second of two lists", ["Connection: x", "connection: close"], { isKeepAlive: false }),
  withLines("close beside keep-alive, which loses", ["Connection: keep-alive, close"], { isKeepAlive: false }),
  withLines("options that only contain close", ["Connection: closed, not-close"]),
  withLines("an expectation without a body, which waits for nothing", ["Expect: 100-continue"]),
  served(
    "HTTP/1.0 that asks for keep-alive",
    head("GET / HTTP/1.0", "Connection: Keep-Alive"),
    old("/", { host: "", fields: [["Connection", "Keep-Alive"]], isKeepAlive: true }),
  ),
  served(
    "HTTP/1.0 that asks for both",
    head("GET / HTTP/1.0", "Connection: keep-alive, close"),
    old("/", { host: "", fields: [["Connection", "keep-alive, close"]] }),
  ),
  served(
    "an expectation of HTTP/1.0, which is ignored whatever it is",
    head("GET / HTTP/1.0", "Expect: miracles"),
    old("/", { host: "", fields: [["Expect", "miracles"]] }),
  ),
];

/** Heads without a body that have to be served. */
export const HTTP1_ACCEPTED_HEADS: readonly Http1Case[] = [...REQUEST_LINES, ...HOSTS, ...FIELDS, ...PERSISTENCE];
