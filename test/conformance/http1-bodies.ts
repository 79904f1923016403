import {
  CONFORMANCE_BODY_BYTES_MAX,
  head,
  type ExpectedField,
  type ExpectedRequest,
  type Http1Case,
  refused,
  served,
} from "./http1-case.ts";

const HOST: ExpectedField = ["Host", "a.example"];

/** `POST /` of a.example with a Content-Length of `length`, followed by `bytes`. */
function sized(length: string, bytes: string): string {
  return head("POST / HTTP/1.1", "Host: a.example", `Content-Length: ${length}`) + bytes;
}

/** The head of a `POST /` that waits with its body. */
function expecting(length: string, expectation: string): string {
  return head("POST / HTTP/1.1", "Host: a.example", `Content-Length: ${length}`, `Expect: ${expectation}`);
}

/** `POST /` of a.example with a chunked body, of which `bytes` is the whole framing. */
function chunked(bytes: string): string {
  return head("POST / HTTP/1.1", "Host: a.example", "Transfer-Encoding: chunked") + bytes;
}

function servedSized(name: string, length: string, body: string): Http1Case {
  return served(name, sized(length, body), post(["Content-Length", length], { body }));
}

function servedChunked(name: string, bytes: string, body: string, rest: Partial<ExpectedRequest> = {}): Http1Case {
  return served(name, chunked(bytes), post(["Transfer-Encoding", "chunked"], { body, ...rest }));
}

function refusedChunked(name: string, bytes: string, status?: number): Http1Case {
  return refused(`${name} in a chunked body`, chunked(bytes), status);
}

function post(field: ExpectedField, rest: Partial<ExpectedRequest>): ExpectedRequest {
  return { method: "POST", target: "/", host: "a.example", fields: [HOST, field], body: "", ...rest };
}

const ALL_OCTETS = Array.from({ length: 256 }, (_, octet) => String.fromCharCode(octet)).join("");
const LARGEST = "x".repeat(CONFORMANCE_BODY_BYTES_MAX);

/** Bodies by Content-Length. RFC 9112 §6.2. */
const SIZED: readonly Http1Case[] = [
  servedSized("a body", "5", "hello"),
  servedSized("a body of none", "0", ""),
  servedSized("a body of one byte", "1", "\0"),
  servedSized("a length with leading zeros", "0005", "hello"),
  servedSized("a body of every octet", "256", ALL_OCTETS),
  servedSized("a body that looks like a request", "27", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
  servedSized("the largest body allowed", `${LARGEST.length}`, LARGEST),
  served(
    "a body of GET",
    `${head("GET / HTTP/1.1", "Host: a.example", "Content-Length: 2")}ab`,
    post(["Content-Length", "2"], { method: "GET", body: "ab" }),
  ),
  served("a body of HTTP/1.0", `${head("POST / HTTP/1.0", "Content-Length: 2")}ab`, {
    ...post(["Content-Length", "2"], { body: "ab", versionMinor: 0, isKeepAlive: false }),
    host: "",
    fields: [["Content-Length", "2"]],
  }),
  served("a body the client waits with", `${expecting("2", "100-Continue")}ab`, {
    ...post(["Content-Length", "2"], { body: "ab", expectsContinue: true }),
    fields: [HOST, ["Content-Length", "2"], ["Expect", "100-Continue"]],
  }),
  served(
    "an expectation of HTTP/1.0 with a body, which is ignored",
    `${head("POST / HTTP/1.0", "Host: a.example", "Content-Length: 2", "Expect: 100-continue")}ab`,
    {
      ...post(["Content-Length", "2"], { body: "ab", versionMinor: 0, isKeepAlive: false }),
      fields: [HOST, ["Content-Length", "2"], ["Expect", "100-continue"]],
    },
  ),
  served("an expectation of a body of none", expecting("0", "100-continue"), {
    ...post(["Content-Length", "0"], {}),
    fields: [HOST, ["Content-Length", "0"], ["Expect", "100-continue"]],
  }),
  ...[
    "",
    "+5",
    "-5",
    "5a",
    "a5",
    "0x5",
    "5.0",
    "5 5",
    "5,5",
    "5, 5",
    "1e2",
    "\xb5",
    "9007199254740992",
    "18446744073709551616",
    "99999999999999999999999",
  ].map((length) => refused(`a Content-Length of ${JSON.stringify(length)}`, sized(length, "hello"))),
  refused("a body one byte above the limit", sized(`${LARGEST.length + 1}`, `${LARGEST}x`), 413),
  refused("a body above the limit that never comes", sized("9007199254740991", ""), 413),
  refused("a body above the limit that the client waits with", expecting("99999", "100-continue"), 413),
];

/** Chunked bodies that have to be served. RFC 9112 §7.1. */
const CHUNKED: readonly Http1Case[] = [
  servedChunked("a chunked body of none", "0\r\n\r\n", ""),
  servedChunked("one chunk", "5\r\nhello\r\n0\r\n\r\n", "hello"),
  servedChunked("several chunks", "5\r\nhello\r\n1\r\n,\r\n6\r\n world\r\n0\r\n\r\n", "hello, world"),
  servedChunked(
    "chunk sizes in either letter case",
    `a\r\n0123456789\r\nA\r\n0123456789\r\n0\r\n\r\n`,
    "01234567890123456789",
  ),
  servedChunked("a chunk size of two digits", `1f\r\n${"x".repeat(31)}\r\n0\r\n\r\n`, "x".repeat(31)),
  servedChunked("chunk sizes with leading zeros", "0000000000000005\r\nhello\r\n0000000000000000\r\n\r\n", "hello"),
  servedChunked("a chunk that looks like framing", "5\r\n0\r\n\r\n\r\n0\r\n\r\n", "0\r\n\r\n"),
  servedChunked("a chunk of every octet", `100\r\n${ALL_OCTETS}\r\n0\r\n\r\n`, ALL_OCTETS),
  servedChunked("the largest body allowed, chunked", `200\r\n${LARGEST}\r\n0\r\n\r\n`, LARGEST),
  servedChunked("chunk extensions", '5;a\r\nhello\r\n0;b=c;d="e;f"\r\n\r\n', "hello"),
  servedChunked("a quoted extension of whatever is allowed", '5;a="b;\\"\\\\=c"\r\nhello\r\n0\r\n\r\n', "hello"),
  servedChunked("white space around a chunk extension", "5 \t; a = b\r\nhello\r\n0\r\n\r\n", "hello"),
  servedChunked("obs-text in a chunk extension", '5;a="\xe9"\r\nhello\r\n0\r\n\r\n', "hello"),
  servedChunked("trailers", "5\r\nhello\r\n0\r\nX-Sum: 1 \r\nx-sum:2\r\n\r\n", "hello", {
    trailers: [
      ["X-Sum", "1"],
      ["x-sum", "2"],
    ],
  }),
  served(
    "Transfer-Encoding in another letter case, with white space",
    `${head("POST / HTTP/1.1", "Host: a.example", "tRANSFER-eNCODING: \tCHUNKED ")}1\r\na\r\n0\r\n\r\n`,
    post(["tRANSFER-eNCODING", "CHUNKED"], { body: "a" }),
  ),
];

/** Chunked bodies that have to be refused. */
const REFUSED_CHUNKED: readonly Http1Case[] = [
  refusedChunked("no size", "\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("no size before the empty line", "\r\n\r\n"),
  refusedChunked("an extension without a size", ";a\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a size of letters", "xyz\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a size with a trailing letter", "5g\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a size in 0x", "0x5\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a negative size", "-5\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a signed size", "+5\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a size with an underscore", "1_0\r\n0123456789abcdef\r\n0\r\n\r\n"),
  refusedChunked("white space before a size", " 5\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("white space after a size", "5 \r\nhello\r\n0\r\n\r\n"),
  refusedChunked("white space inside a size", "1 0\r\n0123456789abcdef\r\n0\r\n\r\n"),
  refusedChunked("a fraction of a size", "5.0\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a size of 17 digits", "00000000000000005\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a size above the limit", "201\r\n", 413),
  refusedChunked("a size above 2^64", "10000000000000005\r\nhello\r\n0\r\n\r\n", 413),
  refusedChunked("chunks that exceed the limit together", `200\r\n${LARGEST}\r\n1\r\n`, 413),
  refusedChunked("LF alone after a size", "5\nhello\r\n0\r\n\r\n"),
  refusedChunked("CR alone after a size", "5\rhello\r\n0\r\n\r\n"),
  refusedChunked("CR and another octet after a size", "5\r-hello\r\n0\r\n\r\n"),
  refusedChunked("CR and another octet after an extension", "5;a\r-hello\r\n0\r\n\r\n"),
  refusedChunked("two CR after a size", "5\r\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("LF alone in an extension", "5;a\nhello\r\n0\r\n\r\n"),
  refusedChunked("CR alone in an extension", "5;a\rb\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("a quoted extension that does not end", '5;a="b\r\nhello\r\n0\r\n\r\n'),
  refusedChunked("a quoted extension whose end is quoted", '5;a="b\\"\r\nhello\r\n0\r\n\r\n'),
  refusedChunked("NUL in an extension", "5;a\0\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("DEL in an extension", "5;a\x7f\r\nhello\r\n0\r\n\r\n"),
  refusedChunked("no line end after a chunk", "5\r\nhello0\r\n\r\n"),
  refusedChunked("more bytes than the size says", "5\r\nhello!\r\n0\r\n\r\n"),
  refusedChunked("fewer bytes than the size says", "5\r\nhell\r\n0\r\n\r\n"),
  refusedChunked("LF alone after a chunk", "5\r\nhello\n0\r\n\r\n"),
  refusedChunked("CR alone after a chunk", "5\r\nhello\r0\r\n\r\n"),
  refusedChunked("CR and another octet after a chunk", "5\r\nhello\r-0\r\n\r\n"),
  refusedChunked("CR and another octet for the empty line", "0\r\n\r-\r\n\r\n"),
  refusedChunked("LF alone after the last chunk", "0\n\r\n"),
  refusedChunked("LF alone for the empty line", "0\r\n\n"),
  refusedChunked("a body after the last chunk", "0\r\nhello\r\n\r\n"),
  refusedChunked("a trailer with a space before the colon", "0\r\nA : 1\r\n\r\n"),
  refusedChunked("a folded trailer", "0\r\nA: 1\r\n 2\r\n\r\n"),
  refusedChunked("NUL in a trailer", "0\r\nA: \0\r\n\r\n"),
  refusedChunked("LF alone after a trailer", "0\r\nA: 1\nB: 2\r\n\r\n"),
  refusedChunked("Content-Length as a trailer", "0\r\nContent-Length: 5\r\n\r\n"),
  refusedChunked("Transfer-Encoding as a trailer", "0\r\ntransfer-encoding: chunked\r\n\r\n"),
  refusedChunked("Host as a trailer", "0\r\nHost: b.example\r\n\r\n"),
];

/** Requests with bodies, to be served and to be refused. */
export const HTTP1_BODIES: readonly Http1Case[] = [...SIZED, ...CHUNKED, ...REFUSED_CHUNKED];
