import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { Arena } from "../../kernel/arena.ts";
import { encodeContinue, encodeInterim, encodeResponseHead, type ResponseHead } from "./response-encoder.ts";

const NOW_MS = 784_111_777_000;
const DATE = "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\n";

/** A plain answer to `GET / HTTP/1.1`, of which `rest` is different. */
function answer(rest: Partial<ResponseHead>): ResponseHead {
  return {
    status: 200,
    fields: null,
    bodyByteLength: 5,
    isHead: false,
    versionMinor: 1,
    isKeepAlive: true,
    nowMs: NOW_MS,
    ...rest,
  };
}

function encode(rest: Partial<ResponseHead>): string {
  const arena = new Arena();
  encodeResponseHead(arena, answer(rest));
  return textOf(arena);
}

function framingOf(rest: Partial<ResponseHead>) {
  return encodeResponseHead(new Arena(), answer(rest));
}

function textOf(arena: Arena): string {
  return arena.bytes.toString("latin1", arena.start, arena.end);
}

describe("encodeResponseHead", () => {
  test("writes status, fields, date and length", () => {
    const fields = buildFieldBlock([
      ["x-b", "1"],
      ["Set-Cookie", "a=\xe9"],
      ["set-cookie", "b"],
      ["X-Empty", ""],
    ]);
    expect(encode({ status: 404, fields })).toBe(
      `HTTP/1.1 404 Not Found\r\nx-b: 1\r\nSet-Cookie: a=\xe9\r\nset-cookie: b\r\nX-Empty: \r\n${DATE}Content-Length: 5\r\n\r\n`,
    );
  });

  test("appends to what the arena holds already", () => {
    const arena = new Arena();
    arena.writeLatin1("before");
    encodeResponseHead(arena, answer({}));
    expect(textOf(arena)).toStartWith("beforeHTTP/1.1 200 OK\r\n");
  });

  test("writes an unregistered status with an empty phrase and the space before it", () => {
    expect(encode({ status: 299 })).toStartWith("HTTP/1.1 299 \r\n");
    expect(encode({ status: 999 })).toStartWith("HTTP/1.1 999 \r\n");
  });

  test.each([100, 101, 199, 1000, 0])("does not write %d as a final status", (status) => {
    expect(() => encode({ status })).toThrow("a final response has a status of 200 to 999");
  });

  test("leaves an application's Date alone", () => {
    expect(encode({ fields: buildFieldBlock([["date", "yesterday"]]) })).toBe(
      "HTTP/1.1 200 OK\r\ndate: yesterday\r\nContent-Length: 5\r\n\r\n",
    );
  });

  test("leaves out what speaks of the connection, and what Connection nominates", () => {
    const fields = buildFieldBlock([
      ["A", "kept"],
      ["X-Hop", "before"],
      ["Connection", "keep-alive, x-hop"],
      ["Keep-Alive", "timeout=5"],
      ["Proxy-Connection", "keep-alive"],
      ["connection", "X-OTHER"],
      ["Transfer-Encoding", "chunked"],
      ["TE", "trailers"],
      ["Trailer", "X-Sum"],
      ["Upgrade", "h2c"],
      ["Content-Length", "999"],
      ["x-other", "gone"],
      ["X-Hop-Not", "kept"],
    ]);
    expect(encode({ fields })).toBe(
      `HTTP/1.1 200 OK\r\nA: kept\r\nX-Hop-Not: kept\r\n${DATE}Content-Length: 5\r\n\r\n`,
    );
  });

  test.each([
    ["a body of known length", {}, "length", "Content-Length: 5\r\n"],
    ["an empty body", { bodyByteLength: 0 }, "length", "Content-Length: 0\r\n"],
    ["a body of unknown length", { bodyByteLength: -1 }, "chunked", "Transfer-Encoding: chunked\r\n"],
    ["a body of unknown length to HTTP/1.0", { bodyByteLength: -1, versionMinor: 0 }, "close", "Connection: close\r\n"],
    [
      "a body of known length to HTTP/1.0",
      { versionMinor: 0 },
      "length",
      "Content-Length: 5\r\nConnection: keep-alive\r\n",
    ],
    ["a last response", { isKeepAlive: false }, "length", "Content-Length: 5\r\nConnection: close\r\n"],
    [
      "a last response of unknown length",
      { isKeepAlive: false, bodyByteLength: -1 },
      "chunked",
      "Transfer-Encoding: chunked\r\nConnection: close\r\n",
    ],
    ["HEAD", { isHead: true }, null, "Content-Length: 5\r\n"],
    ["HEAD without a body to measure", { isHead: true, bodyByteLength: 0 }, null, ""],
    ["HEAD of unknown length", { isHead: true, bodyByteLength: -1 }, null, ""],
    ["204", { status: 204, bodyByteLength: 0 }, null, ""],
    ["204 with a body", { status: 204 }, null, ""],
    ["205", { status: 205 }, null, "Content-Length: 0\r\n"],
    ["304", { status: 304, bodyByteLength: 0 }, null, ""],
    ["304 with a body", { status: 304 }, null, ""],
  ] as const)("frames %s", (_, rest, framing, lines) => {
    expect(framingOf(rest)).toBe(framing);
    expect(encode(rest)).toEndWith(`${DATE}${lines}\r\n`);
  });

  test.each([
    ["HEAD", { isHead: true, bodyByteLength: 0 }, "1234", "Content-Length: 1234\r\n"],
    ["HEAD with a body of another length", { isHead: true }, "1234", "Content-Length: 1234\r\n"],
    ["304", { status: 304, bodyByteLength: 0 }, "0012", "Content-Length: 12\r\n"],
    ["204", { status: 204, bodyByteLength: 0 }, "1234", ""],
    ["a body of another length", {}, "1234", "Content-Length: 5\r\n"],
    ["HEAD and no number", { isHead: true, bodyByteLength: 0 }, "12a4", ""],
    ["304 and no number", { status: 304, bodyByteLength: 0 }, "", ""],
  ] as const)("takes the application's word for a length with %s where it has to", (_, rest, stated, lines) => {
    const fields = buildFieldBlock([["content-length", stated]]);
    expect(encode({ ...rest, fields })).toEndWith(`\r\n${DATE}${lines}\r\n`);
  });

  test("takes no word for a length that is said twice", () => {
    const fields = buildFieldBlock([
      ["Content-Length", "5"],
      ["Content-Length", "6"],
    ]);
    expect(encode({ isHead: true, bodyByteLength: 0, fields })).toBe(`HTTP/1.1 200 OK\r\n${DATE}\r\n`);
  });
});

describe("encodeInterim", () => {
  test("writes fields, and neither date nor length nor what speaks of the connection", () => {
    const arena = new Arena();
    const fields = buildFieldBlock([
      ["Link", "</a.css>; rel=preload"],
      ["Connection", "close"],
      ["Content-Length", "5"],
    ]);
    encodeInterim(arena, 103, fields);
    encodeInterim(arena, 102, null);
    expect(textOf(arena)).toBe(
      "HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n",
    );
  });

  test.each([101, 200, 99])("does not write %d", (status) => {
    expect(() => encodeInterim(new Arena(), status, null)).toThrow("an interim response has a status of 1xx");
  });
});

describe("encodeContinue", () => {
  test("lets the client go on", () => {
    const arena = new Arena();
    encodeContinue(arena);
    expect(textOf(arena)).toBe("HTTP/1.1 100 Continue\r\n\r\n");
  });
});
