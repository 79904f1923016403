import { head, type Http1Case, refused } from "./http1-case.ts";

/** What the attacker wants to be taken for a request of somebody else's. */
const SMUGGLED = head("GET /admin HTTP/1.1", "Host: a.example");

/** `POST /` of a.example with the framing fields `lines` and a body that two readers of them would end in different places. */
function disputed(name: string, lines: readonly string[], status = 400): Http1Case {
  const body = `0\r\n\r\n${SMUGGLED}`;
  return refused(name, head("POST / HTTP/1.1", "Host: a.example", ...lines) + body, status);
}

/** A Transfer-Encoding that a lax recipient takes for chunked, or that a strict one does not. */
function disguised(value: string, status?: number): Http1Case {
  return disputed(`Transfer-Encoding: ${JSON.stringify(value)}`, [`Transfer-Encoding: ${value}`], status);
}

/** `POST /` of a.example with `body` as the framing of a chunked body. */
function chunked(name: string, body: string, status?: number): Http1Case {
  return refused(name, head("POST / HTTP/1.1", "Host: a.example", "Transfer-Encoding: chunked") + body, status);
}

/** Content-Length against Transfer-Encoding, in every arrangement. RFC 9112 §6.1 and §11.2. */
const TWO_FRAMINGS: readonly Http1Case[] = [
  disputed("CL.TE", ["Content-Length: 6", "Transfer-Encoding: chunked"]),
  disputed("TE.CL", ["Transfer-Encoding: chunked", "Content-Length: 6"]),
  disputed("CL.TE with other fields between", ["Content-Length: 6", "A: 1", "Transfer-Encoding: chunked"]),
  disputed("CL.0 beside TE", ["Content-Length: 0", "Transfer-Encoding: chunked"]),
  disputed("an empty Content-Length beside TE", ["Content-Length:", "Transfer-Encoding: chunked"]),
  disputed("CL.TE in mixed letter case", ["cOnTeNt-LeNgTh: 6", "tRaNsFeR-eNcOdInG: cHuNkEd"]),
  disputed("CL beside an unknown coding", ["Content-Length: 6", "Transfer-Encoding: x"]),
  disputed("CL beside an empty TE", ["Content-Length: 6", "Transfer-Encoding:"]),
  disputed("CL beside TE: identity", ["Content-Length: 6", "Transfer-Encoding: identity"]),
  disputed("CL beside a coding before chunked", ["Content-Length: 6", "Transfer-Encoding: gzip, chunked"]),
  disputed("CL.TE where Connection nominates one of them", [
    "Connection: content-length",
    "Content-Length: 6",
    "Transfer-Encoding: chunked",
  ]),
  refused("TE in HTTP/1.0", `${head("POST / HTTP/1.0", "Transfer-Encoding: chunked")}0\r\n\r\n${SMUGGLED}`),
  refused(
    "TE in HTTP/1.0 with keep-alive",
    `${head("POST / HTTP/1.0", "Connection: keep-alive", "Transfer-Encoding: chunked")}0\r\n\r\n`,
  ),
  refused(
    "CL.TE in HTTP/1.0",
    `${head("POST / HTTP/1.0", "Content-Length: 6", "Transfer-Encoding: chunked")}0\r\n\r\n`,
  ),
];

/** One field twice, or one field with two readings. */
const REPEATED: readonly Http1Case[] = [
  disputed("two lengths", ["Content-Length: 6", "Content-Length: 5"]),
  disputed("two equal lengths", ["Content-Length: 6", "Content-Length: 6"]),
  disputed("two lengths in one field", ["Content-Length: 6, 5"]),
  disputed("two equal lengths in one field", ["Content-Length: 6, 6"]),
  disputed("a length and an empty element", ["Content-Length: 6,"]),
  disputed("a length of 0 and another", ["Content-Length: 0", "content-length: 6"]),
  disputed("two TE: chunked", ["Transfer-Encoding: chunked", "Transfer-Encoding: chunked"]),
  disputed("TE: chunked and TE: identity", ["Transfer-Encoding: chunked", "Transfer-Encoding: identity"]),
  disputed("TE: identity and TE: chunked", ["Transfer-Encoding: identity", "Transfer-Encoding: chunked"]),
  disputed("TE: gzip and TE: chunked in two fields", ["Transfer-Encoding: gzip", "Transfer-Encoding: chunked"]),
  disputed("an empty TE and TE: chunked", ["Transfer-Encoding:", "Transfer-Encoding: chunked"]),
];

/** TE.TE: one Transfer-Encoding that is chunked to some. RFC 9112 §6.3 and §7. */
const DISGUISES: readonly Http1Case[] = [
  disguised(""),
  disguised("identity"),
  disguised("xchunked"),
  disguised("chunkedx"),
  disguised("chunked-"),
  disguised("chunke"),
  disguised('"chunked"'),
  disguised("'chunked'"),
  disguised("chunked;a=b"),
  disguised("chunked; q=1"),
  disguised("chunked,"),
  disguised(",chunked"),
  disguised("chunked, chunked"),
  disguised("chunked, identity"),
  disguised("chunked, gzip"),
  disguised("chunked, gzip, chunked"),
  disguised("chunked chunked"),
  disguised("gzip"),
  disguised("gzip chunked"),
  disguised("gzip, chunked, x"),
  disguised("gzip;q=1, chunked"),
  disguised("chunk\xe9d"),
  disguised("\x0bchunked"),
  disguised("\x0cchunked"),
  disguised("chunked\x00"),
  disguised("\x00chunked"),
  disguised("chunked\x7f"),
  disguised("\xa0chunked"),
  disguised("ch\xfcnked"),
  disguised("gzip, chunked", 501),
  disguised("GZIP ,\tChunked", 501),
  disguised("deflate, gzip, chunked", 501),
  disguised("identity, chunked", 501),
];

/** Field lines that one recipient reads as framing and another does not. */
const LINES: readonly Http1Case[] = [
  disputed("a space before the colon of TE", ["Content-Length: 6", "Transfer-Encoding : chunked"]),
  disputed("a tab before the colon of TE", ["Content-Length: 6", "Transfer-Encoding\t: chunked"]),
  disputed("NUL before the colon of TE", ["Content-Length: 6", "Transfer-Encoding\0: chunked"]),
  disputed("VT before the colon of TE", ["Content-Length: 6", "Transfer-Encoding\x0b: chunked"]),
  disputed("a space before TE", ["Content-Length: 6", " Transfer-Encoding: chunked"]),
  disputed("a TE folded into its next line", ["Content-Length: 6", "Transfer-Encoding:", " chunked"]),
  disputed("a TE folded out of the line before", ["Content-Length: 6", "A: b", " Transfer-Encoding: chunked"]),
  disputed("TE after CR alone", ["Content-Length: 6", "A: b\rTransfer-Encoding: chunked"]),
  disputed("TE after LF alone", ["Content-Length: 6", "A: b\nTransfer-Encoding: chunked"]),
  disputed("TE after LF CR", ["Content-Length: 6", "A: b\n\rTransfer-Encoding: chunked"]),
  disputed("CL after LF alone", ["Transfer-Encoding: chunked", "A: b\nContent-Length: 6"]),
  disputed("TE after a NUL", ["Content-Length: 6", "\0Transfer-Encoding: chunked"]),
  disputed("TE without a colon", ["Content-Length: 6", "Transfer-Encoding chunked"]),
  disputed("a head ended by LF LF", ["A: b\n\nGET /admin HTTP/1.1"]),
  disputed("a head ended by CR LF LF", ["A: b\r\n\nGET /admin HTTP/1.1"]),
  disputed("a head ended by LF CR LF", ["A: b\n\r\nGET /admin HTTP/1.1"]),
  refused("a second request behind the version", `GET / HTTP/1.1 HTTP/1.1\r\nHost: a.example\r\n\r\n`),
  refused("a second request line for a field", head("GET / HTTP/1.1", "GET /admin HTTP/1.1", "Host: a.example")),
];

/** Lengths of chunks that end in different places for different readers. RFC 9112 §7.1. */
const CHUNKS: readonly Http1Case[] = [
  chunked("a size that wraps at 32 bits", "100000005\r\nhello\r\n0\r\n\r\n", 413),
  chunked("a size that wraps at 64 bits", "10000000000000005\r\nhello\r\n0\r\n\r\n", 413),
  chunked("a size of many f", "ffffffffffffffff\r\nhello\r\n0\r\n\r\n", 413),
  chunked("a size that is negative at 32 bits", "80000005\r\nhello\r\n0\r\n\r\n", 413),
  chunked("a request behind LF alone in an extension", `5;a\nhello\r\n0\r\n\r\n${SMUGGLED}`),
  chunked("a request behind CR alone in an extension", `5;a\rhello\r\n0\r\n\r\n${SMUGGLED}`),
  chunked("a request behind a chunk that ends in other octets", `5\r\nhelloXX0\r\n\r\n${SMUGGLED}`),
  chunked("a last chunk of spaces", " \r\n\r\n"),
  chunked("a last chunk ended by LF LF", `0\n\n${SMUGGLED}`),
  chunked("a last chunk of a sign", `-0\r\n\r\n${SMUGGLED}`),
  chunked("a request line for a trailer", `0\r\n${SMUGGLED}`),
];

/** Requests that two recipients could take apart differently: each has to be refused, and its connection closed. */
export const HTTP1_SMUGGLING: readonly Http1Case[] = [...TWO_FRAMINGS, ...REPEATED, ...DISGUISES, ...LINES, ...CHUNKS];
