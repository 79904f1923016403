import { request } from "../support/http2-frames.ts";
import type { Field } from "../support/hpack-text.ts";

/** A header section that is a request, and what it says. */
export interface AcceptedRequest {
  readonly name: string;
  readonly fields: readonly Field[];
  /** False when content follows. Default: true. */
  readonly isEndStream?: boolean;
  readonly method: string;
  readonly target: string;
  readonly path: string;
  readonly query: string;
  readonly authority: string;
  /** What is handed on, Host in front. */
  readonly handedOn: readonly Field[];
  readonly contentLength?: number;
  readonly expectsContinue?: boolean;
}

/** A header section that is none. */
export interface RefusedRequest {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly isEndStream?: boolean;
  /** The status of the answer, or `null` when the stream is reset with PROTOCOL_ERROR. */
  readonly status: number | null;
}

const HOST: Field = ["host", "a.example"];
const GET = {
  method: "GET",
  target: "/",
  path: "/",
  query: "",
  authority: "a.example",
  handedOn: [HOST],
} as const;

/** RFC 9113 §8.2 and §8.3: what a request may look like. */
export const ACCEPTED_REQUESTS: readonly AcceptedRequest[] = [
  { name: "a bare request", fields: request(), ...GET },
  {
    name: "pseudo-header fields in any order",
    fields: [
      [":authority", "a.example"],
      [":path", "/"],
      [":scheme", "https"],
      [":method", "GET"],
    ],
    ...GET,
  },
  {
    name: "a path with a query",
    fields: request("/p/a%20th?q=1?&x"),
    ...GET,
    target: "/p/a%20th?q=1?&x",
    path: "/p/a%20th",
    query: "q=1?&x",
  },
  { name: "an empty query", fields: request("/p?"), ...GET, target: "/p?", path: "/p" },
  { name: "OPTIONS *", fields: request("*", "OPTIONS"), ...GET, method: "OPTIONS", target: "*", path: "*" },
  { name: "a method of its own", fields: request("/", "BREW!"), ...GET, method: "BREW!" },
  {
    name: "an authority with a port",
    fields: [
      [":method", "GET"],
      [":scheme", "http"],
      [":path", "/"],
      [":authority", "[::1]:8443"],
    ],
    ...GET,
    authority: "[::1]:8443",
    handedOn: [["host", "[::1]:8443"]],
  },
  {
    name: "Host in the place of :authority",
    fields: [[":method", "GET"], [":scheme", "http"], [":path", "/"], ["accept", "*/*"], HOST],
    ...GET,
    handedOn: [["accept", "*/*"], HOST],
  },
  {
    name: "Host beside :authority, letter case aside",
    fields: request("/", "GET", [
      ["accept", "*/*"],
      ["host", "A.Example"],
    ]),
    ...GET,
    handedOn: [HOST, ["accept", "*/*"]],
  },
  {
    name: "fields in their order, with duplicates and any octets that are text",
    fields: request("/", "GET", [
      ["x-b", "1"],
      ["x-a", "caf\xe9\t, two"],
      ["x-b", ""],
      ["te", "Trailers"],
    ]),
    ...GET,
    handedOn: [HOST, ["x-b", "1"], ["x-a", "caf\xe9\t, two"], ["x-b", ""], ["te", "Trailers"]],
  },
  {
    name: "one cookie",
    fields: request("/", "GET", [
      ["cookie", "a=1"],
      ["accept", "*/*"],
    ]),
    ...GET,
    handedOn: [HOST, ["accept", "*/*"], ["cookie", "a=1"]],
  },
  {
    name: "a cookie in parts",
    fields: request("/", "GET", [
      ["cookie", "a=1"],
      ["accept", "*/*"],
      ["cookie", "b=2"],
      ["cookie", "c=3; d"],
    ]),
    ...GET,
    handedOn: [HOST, ["accept", "*/*"], ["cookie", "a=1; b=2; c=3; d"]],
  },
  {
    name: "names that hash as those with a meaning",
    fields: request("/", "GET", [
      ["v'", "x"],
      ["hou6", "x"],
    ]),
    ...GET,
    handedOn: [HOST, ["v'", "x"], ["hou6", "x"]],
  },
  {
    name: "a body of a known length",
    fields: request("/", "POST", [["content-length", "5"]]),
    isEndStream: false,
    ...GET,
    method: "POST",
    handedOn: [HOST, ["content-length", "5"]],
    contentLength: 5,
  },
  { name: "a body of an unknown length", fields: request("/", "PUT"), isEndStream: false, ...GET, method: "PUT" },
  {
    name: "a length of 0 and no content",
    fields: request("/", "POST", [["content-length", "0"]]),
    ...GET,
    method: "POST",
    handedOn: [HOST, ["content-length", "0"]],
    contentLength: 0,
  },
  {
    name: "an expectation",
    fields: request("/", "POST", [["expect", "100-Continue"]]),
    isEndStream: false,
    ...GET,
    method: "POST",
    handedOn: [HOST, ["expect", "100-Continue"]],
    expectsContinue: true,
  },
  {
    name: "an expectation without content",
    fields: request("/", "GET", [["expect", "100-continue"]]),
    ...GET,
    handedOn: [HOST, ["expect", "100-continue"]],
  },
];

function without(name: string): readonly Field[] {
  return request().filter(([each]) => each !== name);
}

function withValue(name: string, value: string): readonly Field[] {
  return request().map((field) => (field[0] === name ? [name, value] : field));
}

function withField(name: string, value: string): readonly Field[] {
  return request("/", "GET", [[name, value]]);
}

function malformed(name: string, fields: readonly Field[], isEndStream: boolean = true): RefusedRequest {
  return { name, fields, isEndStream, status: null };
}

/** RFC 9113 §8.2 and §8.3: what a request may not look like. */
export const REFUSED_REQUESTS: readonly RefusedRequest[] = [
  malformed("nothing at all", []),
  malformed("no :method", without(":method")),
  malformed("no :scheme", without(":scheme")),
  malformed("no :path", without(":path")),
  malformed("neither :authority nor Host", without(":authority")),
  ...[":method", ":scheme", ":path", ":authority"].map((name) => malformed(`an empty ${name}`, withValue(name, ""))),
  ...request().map((field) => malformed(`${field[0]} twice`, [...request(), field])),
  malformed("an unknown pseudo-header field", [...request(), [":unknown", "x"]]),
  malformed("a response's pseudo-header field", [...request(), [":status", "200"]]),
  malformed("a pseudo-header field without a name", [...request(), [":", "x"]]),
  malformed("a pseudo-header field in upper case", [...without(":path"), [":Path", "/"]]),
  malformed("a pseudo-header field behind a field", [...without(":path"), ["accept", "*/*"], [":path", "/"]]),
  malformed(":protocol where it was not announced", [[":protocol", "websocket"], ...withValue(":method", "CONNECT")]),
  malformed("a method that is no token", withValue(":method", "GE T")),
  malformed("a scheme that is not HTTP's", withValue(":scheme", "ftp")),
  ...["x", "*", "http://a.example/", "/a b", "/a\tb", "/a#b", "/a\r\nb", "/\0", "/\x7f", "/?a b"].map((path) =>
    malformed(`the path ${JSON.stringify(path)}`, withValue(":path", path)),
  ),
  ...["user@a.example", "a.example:99999", "a b", "a.example/", "[::1", "a\0b"].map((authority) =>
    malformed(`the authority ${JSON.stringify(authority)}`, withValue(":authority", authority)),
  ),
  malformed("an authority that is not Host", withField("host", "b.example")),
  malformed("a Host that is empty", [...without(":authority"), ["host", ""]]),
  malformed("two Hosts", [...without(":authority"), HOST, HOST]),
  malformed("a name in upper case", withField("X-A", "1")),
  malformed("a name without octets", withField("", "1")),
  ...["x a", "x:", "x\0", "x\r\n", "x\xe9", "x(", "x\x7f"].map((name) =>
    malformed(`the name ${JSON.stringify(name)}`, withField(name, "1")),
  ),
  ...["a\0", "a\r\nb: c", "a\nb", "a\rb", " a", "a ", "\ta", "a\t", "\x7f", "\x01"].map((value) =>
    malformed(`the value ${JSON.stringify(value)}`, withField("x-a", value)),
  ),
  ...["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"].map((name) =>
    malformed(`a ${name} field`, withField(name, "x")),
  ),
  ...["gzip", "trailers, gzip", ""].map((value) => malformed(`te: ${value}`, withField("te", value))),
  ...["", "-1", "+1", "1, 1", "0x1", "1.0", "9007199254740993"].map((value) =>
    malformed(`content-length: ${value}`, withField("content-length", value), false),
  ),
  malformed(
    "two lengths, though they are equal",
    request("/", "POST", [
      ["content-length", "1"],
      ["content-length", "1"],
    ]),
    false,
  ),
  malformed("a length and no content", withField("content-length", "1")),
  malformed("CONNECT with a path", withValue(":method", "CONNECT")),
  {
    name: "CONNECT",
    fields: [
      [":method", "CONNECT"],
      [":authority", "a.example:443"],
    ],
    status: 501,
  },
  { name: "an unknown expectation", fields: withField("expect", "miracles"), status: 417 },
];
