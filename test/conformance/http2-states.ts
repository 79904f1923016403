import { ERROR_CODE } from "../../src/protocols/http2/error-code.ts";
import { FRAME_FLAG, FRAME_TYPE } from "../../src/protocols/http2/frame.ts";
import { SETTING } from "../../src/protocols/http2/settings.ts";
import {
  content,
  frame,
  goaway,
  headers,
  headersOf,
  ping,
  priority,
  request,
  reset,
  settings,
  splitHeaders,
  windowUpdate,
} from "../support/http2-frames.ts";
import { block } from "../support/hpack-text.ts";

/** What a client sends behind its greeting, and what comes of it. The server answers every whole request but `/wait` with 200 and ten octets. */
export interface Http2Case {
  readonly name: string;
  readonly frames: readonly Buffer[];
  /** `connection` ends with this code, or stream 1 or 3 does; `response` is the status on stream 1; `alive` answers a ping. */
  readonly expect:
    | { readonly connection: number }
    | { readonly stream: 1 | 3; readonly code: number }
    | { readonly response: number }
    | "alive";
}

const { protocolError, flowControlError, streamClosed, compressionError } = ERROR_CODE;
const GET = headers(1, request());
const WAITING = headers(1, request("/wait"));
const POST = headers(1, request("/", "POST"), false);
const LONG = headers(1, request("/", "POST", [["content-length", "5"]]), false);

function connection(name: string, code: number, ...frames: readonly Buffer[]): Http2Case {
  return { name, frames, expect: { connection: code } };
}

function stream(name: string, code: number, ...frames: readonly Buffer[]): Http2Case {
  return { name, frames, expect: { stream: 1, code } };
}

function response(name: string, ...frames: readonly Buffer[]): Http2Case {
  return { name, frames, expect: { response: 200 } };
}

function alive(name: string, ...frames: readonly Buffer[]): Http2Case {
  return { name, frames, expect: "alive" };
}

/** RFC 9113 §5: what each state of a stream allows. */
const STREAM_STATES: readonly Http2Case[] = [
  connection("idle: DATA", protocolError, content(1, "x")),
  connection("idle: RST_STREAM", protocolError, reset(1)),
  connection("idle: WINDOW_UPDATE", protocolError, windowUpdate(1, 1)),
  connection("idle: CONTINUATION", protocolError, frame(FRAME_TYPE.continuation, FRAME_FLAG.endHeaders, 1)),
  alive("idle: PRIORITY", priority(1)),
  connection("a number of the server's: HEADERS", protocolError, headers(2, request())),
  connection("a number of the server's: DATA", protocolError, content(2, "x")),
  connection("a number below one that was opened", protocolError, headers(5, request()), headers(3, request())),
  response("numbers that are left out", headers(1, request()), headers(101, request())),
  response("open: content, trailers", POST, content(1, "x"), headers(1, [["x-sum", "1"]])),
  response("open: PRIORITY and WINDOW_UPDATE", POST, priority(1, 5), windowUpdate(1, 5), content(1, "", true)),
  stream("open: trailers that do not end it", protocolError, POST, headers(1, [["x-sum", "1"]], false)),
  stream("open: trailers with a pseudo-header field", protocolError, POST, headers(1, [[":path", "/"]])),
  stream("half closed: DATA", streamClosed, WAITING, content(1, "x")),
  stream("half closed: HEADERS", streamClosed, WAITING, headers(1, request())),
  stream("answered: DATA", streamClosed, GET, content(1, "x")),
  connection("answered: HEADERS", streamClosed, GET, headers(1, request())),
  response("half closed: WINDOW_UPDATE, PRIORITY", GET, windowUpdate(1, 5), priority(1, 3)),
  connection("closed by the client: HEADERS", streamClosed, POST, reset(1), headers(1, request())),
  stream("closed by the client: DATA", streamClosed, POST, reset(1), content(1, "x")),
  alive(
    "closed by the client: RST_STREAM, WINDOW_UPDATE, PRIORITY",
    POST,
    reset(1),
    reset(1),
    windowUpdate(1, 1),
    priority(1),
  ),
  alive(
    "closed by the server: what was under way",
    headers(1, [[":method", "GET"]], false),
    content(1, "x"),
    headers(1, [["x-sum", "1"]]),
    reset(1),
  ),
];

/** RFC 9113 §5.2 and §6.9. */
const FLOW_CONTROL: readonly Http2Case[] = [
  connection("the connection's window opened too far", flowControlError, windowUpdate(0, 2 ** 31 - 1)),
  {
    name: "a stream's window opened too far",
    frames: [POST, windowUpdate(1, 2 ** 31 - 1)],
    expect: { stream: 1, code: flowControlError },
  },
  connection(
    "a stream's window opened too far by SETTINGS",
    flowControlError,
    POST,
    windowUpdate(1, 2 ** 31 - 1 - 65_535),
    settings([SETTING.initialWindowSize, 65_536]),
  ),
  stream("a window opened by 0", protocolError, POST, windowUpdate(1, 0)),
  connection("the connection's window opened by 0", protocolError, windowUpdate(0, 0)),
  response(
    "content that fills a window in one go",
    POST,
    ...Array.from({ length: 3 }, () => content(1, Buffer.alloc(16_384))),
    content(1, Buffer.alloc(16_383), true),
  ),
];

/** RFC 9113 §8.1. */
const MESSAGES: readonly Http2Case[] = [
  response("a length that is kept to", LONG, content(1, "12345", true)),
  stream("less content than announced", protocolError, LONG, content(1, "1234", true)),
  stream("more content than announced", protocolError, LONG, content(1, "123456")),
  stream("no content where some was announced", protocolError, LONG, content(1, "", true)),
  stream(
    "trailers before all that was announced",
    protocolError,
    LONG,
    content(1, "1234"),
    headers(1, [["x-sum", "1"]]),
  ),
  response(
    "a length of 0 and an empty DATA",
    headers(1, request("/", "POST", [["content-length", "0"]]), false),
    content(1, "", true),
  ),
];

/** RFC 7541, as far as a connection ends by it. */
const COMPRESSION: readonly Http2Case[] = [
  connection("an index that is not there", compressionError, headersOf(1, Buffer.from([0xbe]))),
  connection("a table size that was not agreed on", compressionError, headersOf(1, Buffer.from([0x3f, 0xe2, 0x1f]))),
  connection("a block that is cut short", compressionError, headersOf(1, block(request()).subarray(0, -1))),
  connection(
    "a broken block of a stream that is ignored",
    compressionError,
    POST,
    headers(3, [[":method", "GET"]]),
    headersOf(3, Buffer.from([0xbe])),
  ),
  response(
    "a table that is filled by one request and used by the next",
    headersOf(1, Buffer.concat([block(request()), Buffer.from([0x40, 1, 0x61, 1, 0x62])])),
    headersOf(3, Buffer.concat([block(request()), Buffer.from([0xbe])])),
  ),
  {
    name: "a table that is filled by a malformed request",
    frames: [headersOf(1, Buffer.from([0x40, 1, 0x61, 1, 0x62])), headersOf(3, Buffer.from([0xbe, 0xff, 0x00]))],
    expect: { connection: compressionError },
  },
];

/** RFC 9113 §6: what concerns the connection. */
const CONNECTION: readonly Http2Case[] = [
  alive("SETTINGS with what is not known", settings([0xabcd, 1], [SETTING.enablePush, 0])),
  connection("SETTINGS that cannot be", protocolError, settings([SETTING.enablePush, 2])),
  connection("an initial window that cannot be", flowControlError, settings([SETTING.initialWindowSize, 2 ** 31])),
  alive("GOAWAY", goaway(0)),
  response("requests behind GOAWAY", goaway(0), GET),
  alive("PING with flags that are not known", frame(FRAME_TYPE.ping, 0xfe, 0, Buffer.from("12345678"))),
  response("a header block in many frames", splitHeaders(1, block(request()), [0, 1, 2, 2, 30])),
  connection(
    "frames of others inside a header block",
    protocolError,
    splitHeaders(1, block(request()), [3]).subarray(0, 12),
    ping(),
  ),
];

/** What a server is to make of what a client sends, state by state. */
export const HTTP2_CASES: readonly Http2Case[] = [
  ...STREAM_STATES,
  ...FLOW_CONTROL,
  ...MESSAGES,
  ...COMPRESSION,
  ...CONNECTION,
];
