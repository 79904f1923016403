import { head, type Http1Case, refused } from "./http1-case.ts";

const CONTROLS = ["\x00", "\x01", "\x08", "\x0b", "\x0c", "\x1b", "\x1f", "\x7f"];

/** `GET / HTTP/1.1` of a.example with more lines after Host. */
function withLines(name: string, lines: readonly string[], status?: number): Http1Case {
  return refused(name, head("GET / HTTP/1.1", "Host: a.example", ...lines), status);
}

/** `GET / HTTP/1.1` with one Host. */
function withHost(name: string, host: string): Http1Case {
  return refused(`a Host ${name}`, head("GET / HTTP/1.1", `Host: ${host}`));
}

/** A request line before one Host. */
function withRequestLine(name: string, line: string, status?: number): Http1Case {
  return refused(name, head(line, "Host: a.example"), status);
}

/** `0x0b`, for names of cases. */
function hex(octet: string): string {
  return `0x${octet.charCodeAt(0).toString(16).padStart(2, "0")}`;
}

const REQUEST_LINES: readonly Http1Case[] = [
  refused("two empty lines before the request", `\r\n\r\n${head("GET / HTTP/1.1", "Host: a.example")}`),
  refused("LF alone before the request", `\n${head("GET / HTTP/1.1", "Host: a.example")}`),
  refused("CR alone before the request", `\r${head("GET / HTTP/1.1", "Host: a.example")}`),
  withRequestLine("a space before the method", " GET / HTTP/1.1"),
  withRequestLine("no method", "/ HTTP/1.1"),
  withRequestLine("a method with an octet that is no token", "GE(T / HTTP/1.1"),
  withRequestLine("a method with a colon", "GET: / HTTP/1.1"),
  withRequestLine("a method with obs-text", "G\xc9T / HTTP/1.1"),
  withRequestLine("a tab after the method", "GET\t/ HTTP/1.1"),
  withRequestLine("two spaces after the method", "GET  / HTTP/1.1"),
  withRequestLine("a tab before the version", "GET /\tHTTP/1.1"),
  withRequestLine("two spaces before the version", "GET /  HTTP/1.1"),
  withRequestLine("a space after the version", "GET / HTTP/1.1 "),
  withRequestLine("no target", "GET HTTP/1.1"),
  withRequestLine("no target between two spaces", "GET  HTTP/1.1"),
  withRequestLine("no version", "GET /"),
  withRequestLine("no version after a space", "GET / "),
  withRequestLine("a space in the target", "GET /a b HTTP/1.1"),
  withRequestLine("a fragment in the path", "GET /a#b HTTP/1.1"),
  withRequestLine("a fragment in the query", "GET /a?b#c HTTP/1.1"),
  ...CONTROLS.map((octet) => withRequestLine(`${hex(octet)} in the path`, `GET /a${octet}b HTTP/1.1`)),
  ...CONTROLS.map((octet) => withRequestLine(`${hex(octet)} in the query`, `GET /?a${octet}b HTTP/1.1`)),
  withRequestLine("CR alone in the target", "GET /a\rb HTTP/1.1"),
  refused("LF alone after the request line", "GET / HTTP/1.1\nHost: a.example\r\n\r\n"),
  refused("CR alone after the request line", "GET / HTTP/1.1\rHost: a.example\r\n\r\n"),
  refused("CR and another octet after the request line", "GET / HTTP/1.1\r-Host: a.example\r\n\r\n"),
  refused("two CR after the request line", "GET / HTTP/1.1\r\r\nHost: a.example\r\n\r\n"),
  withRequestLine("a relative target", "GET a HTTP/1.1"),
  withRequestLine("a target of a query alone", "GET ?a HTTP/1.1"),
  withRequestLine("authority form without CONNECT", "GET a.example:80 HTTP/1.1"),
  withRequestLine("* without OPTIONS", "GET * HTTP/1.1"),
  withRequestLine("OPTIONS of more than *", "OPTIONS ** HTTP/1.1"),
  withRequestLine("OPTIONS of * and a query", "OPTIONS *?a HTTP/1.1"),
  withRequestLine("absolute form of another scheme", "GET ftp://a.example/ HTTP/1.1"),
  withRequestLine("absolute form without an authority", "GET http:///a HTTP/1.1"),
  withRequestLine("absolute form without the slashes", "GET http:a.example/ HTTP/1.1"),
  withRequestLine("absolute form with user info", "GET http://u:p@a.example/ HTTP/1.1"),
  withRequestLine("absolute form with a port alone", "GET http://:80/ HTTP/1.1"),
  withRequestLine("absolute form with a backslash in the authority", "GET http://a.example\\b/ HTTP/1.1"),
  withRequestLine("CONNECT", "CONNECT a.example:443 HTTP/1.1", 501),
  withRequestLine("CONNECT of a path", "CONNECT / HTTP/1.1", 501),
  withRequestLine("HTTP/2.0", "GET / HTTP/2.0", 505),
  withRequestLine("HTTP/0.9 in full", "GET / HTTP/0.9", 505),
  withRequestLine("HTTP/9.9", "GET / HTTP/9.9", 505),
  refused("the preface of HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505),
  refused("a request of HTTP/0.9", "GET /\r\n"),
  ...[
    "http/1.1",
    "HTTP/1",
    "HTTP/1.",
    "HTTP/1.11",
    "HTTP/11.1",
    "HTTP/1,1",
    "HTTP 1.1",
    "HTTP/a.1",
    "HTTPS/1.1",
    "XTTP/1.1",
  ].map((version) => withRequestLine(`the version ${version}`, `GET / ${version}`)),
  refused("TLS where clear text is spoken", "\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"),
];

const HOSTS: readonly Http1Case[] = [
  refused("no Host", head("GET / HTTP/1.1", "Accept: */*")),
  refused("no Host beside an absolute form", head("GET http://a.example/ HTTP/1.1", "Accept: */*")),
  refused("two Hosts", head("GET / HTTP/1.1", "Host: a.example", "Host: b.example")),
  refused("two equal Hosts, letter case aside", head("GET / HTTP/1.1", "Host: a.example", "hOST: a.example")),
  refused("two Hosts in HTTP/1.0", head("GET / HTTP/1.0", "Host: a.example", "Host: b.example")),
  refused("two Hosts, the first empty", head("GET / HTTP/1.1", "Host:", "Host: b.example")),
  refused("a Host that is not valid beside an absolute form", head("GET http://a.example/ HTTP/1.1", "Host: a/b")),
  withHost("with user info", "u@a.example"),
  withHost("with a space", "a example"),
  withHost("with a path", "a.example/b"),
  withHost("with a query", "a.example?b"),
  withHost("with a fragment", "a.example#b"),
  withHost("with a backslash", "a.example\\b"),
  withHost("with a quote", 'a"example'),
  withHost("with obs-text", "caf\xe9.example"),
  withHost("with a list", "a.example, b.example"),
  withHost("of a port alone", ":80"),
  withHost("with a port of letters", "a.example:http"),
  withHost("with a negative port", "a.example:-1"),
  withHost("with a port above 65535", "a.example:65536"),
  withHost("with two ports", "a.example:80:80"),
  withHost("with half a percent-encoding", "a%4"),
  withHost("with a percent-encoding of no hex digits", "a%zz"),
  withHost("with an IPv6 address without brackets", "2001:db8::1"),
  withHost("with an open bracket", "[::1"),
  withHost("with empty brackets", "[]"),
  withHost("with a name in brackets", "[a.example]"),
  withHost("with an IPv6 address and more", "[::1]a"),
  withHost("with an IPv6 address of two gaps", "[1::2::3]"),
  withHost("with an IPv6 address of nine groups", "[1:2:3:4:5:6:7:8:9]"),
  withHost("with an IPv6 zone", "[fe80::1%25eth0]"),
];

const FIELD_LINES: readonly Http1Case[] = [
  withLines("no colon", ["A"]),
  withLines("an empty name", [": 1"]),
  withLines("a space before the colon", ["A : 1"]),
  withLines("a tab before the colon", ["A\t: 1"]),
  withLines("a space inside the name", ["A B: 1"]),
  withLines("a folded line", ["A: 1", " 2"]),
  withLines("a line folded by a tab", ["A: 1", "\t2"]),
  withLines("a line of spaces", ["A: 1", "  "]),
  refused("white space before the first field", head("GET / HTTP/1.1", " Host: a.example")),
  refused(
    "white space before the first field, and a valid one after it",
    head("GET / HTTP/1.1", " X: y", "Host: a.example"),
  ),
  withLines("obs-text in a name", ["\xc3\xa9: 1"]),
  ...["(", ")", ",", "/", ";", "<", "=", ">", "?", "@", "[", "\\", "]", "{", "}", '"'].map((octet) =>
    withLines(`${octet} in a name`, [`A${octet}B: 1`]),
  ),
  ...CONTROLS.map((octet) => withLines(`${hex(octet)} in a name`, [`A${octet}: 1`])),
  ...CONTROLS.map((octet) => withLines(`${hex(octet)} in a value`, [`A: 1${octet}2`])),
  ...CONTROLS.map((octet) => withLines(`${hex(octet)} before a value`, [`A:${octet}1`])),
  refused("LF alone after a field", "GET / HTTP/1.1\r\nHost: a.example\nA: 1\r\n\r\n"),
  refused("CR alone after a field", "GET / HTTP/1.1\r\nHost: a.example\rA: 1\r\n\r\n"),
  refused("CR alone in a value", "GET / HTTP/1.1\r\nHost: a.example\r\nA: 1\r2\r\n\r\n"),
  refused("CR and another octet after a field", "GET / HTTP/1.1\r\nHost: a.example\r-A: 1\r\n\r\n"),
  refused("two CR after a field", "GET / HTTP/1.1\r\nHost: a.example\r\r\n\r\n"),
  refused("LF alone for the empty line", "GET / HTTP/1.1\r\nHost: a.example\r\n\nA: 1\r\n\r\n"),
  refused("CR alone for the empty line", "GET / HTTP/1.1\r\nHost: a.example\r\n\rA: 1\r\n\r\n"),
  refused("CR and another octet for the empty line", "GET / HTTP/1.1\r\nHost: a.example\r\n\r-\r\n\r\n"),
  refused("LF alone throughout", "GET / HTTP/1.1\nHost: a.example\n\n"),
  withLines("an unknown expectation", ["Expect: 200-ok"], 417),
  withLines("two expectations in one field", ["Expect: 100-continue, 200-ok"], 417),
  withLines("an unknown expectation in a second field", ["Expect: 100-continue", "Expect: 200-ok"], 417),
  withLines("an expectation with a parameter", ["Expect: 100-continue;a=b"], 417),
  withLines("an empty expectation", ["Expect:"], 417),
];

/** Heads that have to be refused for their syntax, their host, their version or their expectation. */
export const HTTP1_REFUSED_HEADS: readonly Http1Case[] = [...REQUEST_LINES, ...HOSTS, ...FIELD_LINES];
