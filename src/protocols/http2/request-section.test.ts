import { describe, expect, test } from "bun:test";

import { ACCEPTED_REQUESTS, REFUSED_REQUESTS } from "../../../test/conformance/http2-requests.ts";
import { block, type Field } from "../../../test/support/hpack-text.ts";
import { request } from "../../../test/support/http2-frames.ts";
import { HpackDecoder } from "../hpack/hpack-decoder.ts";
import { hashName } from "../http/field-block.ts";
import { HttpError } from "../http/http-error.ts";
import type { RequestHead } from "../http/request-head.ts";
import { Http2StreamError } from "./http2-error.ts";
import type { Http2Limits } from "./limits.ts";
import { RequestSection } from "./request-section.ts";

const LIMITS: Http2Limits = {
  requestLineBytesMax: 100,
  headerLineBytesMax: 120,
  headerCountMax: 10,
  headerBytesMax: 400,
  trailerBytesMax: 100,
};

/** One for all tests, as it is one for all requests of a listener: nothing of one may show in the next. */
const shared = new RequestSection(LIMITS, false);

function decode(fields: readonly Field[], isEndStream: boolean = true, section: RequestSection = shared): RequestHead {
  const bytes = block(fields);
  section.start(7);
  new HpackDecoder(4096).decode(bytes, 0, bytes.length, section);
  section.finish(isEndStream);
  return section.head;
}

/** The status of the refusal, `null` for a reset. */
function refusalOf(fields: readonly Field[], isEndStream?: boolean): number | null {
  try {
    decode(fields, isEndStream);
  } catch (error) {
    if (error instanceof HttpError) return error.status;
    if (error instanceof Http2StreamError && error.streamId === 7 && error.errorCode === 1) return null;
    throw error;
  }
  throw new Error("Cannot find a refusal: the request was accepted");
}

function fieldsOf({ fields }: RequestHead): Field[] {
  return Array.from({ length: fields.count }, (_, index) => [fields.name(index), fields.value(index)] as const);
}

/** Fields that come to `byteLength` as lines, ": " and line ends counted, in lines of up to 100. */
function linesOf(byteLength: number): Field[] {
  const fields: Field[] = [];
  for (let left = byteLength; left > 0;) {
    const line = left > 200 ? 100 : left > 100 ? Math.floor(left / 2) : left;
    fields.push(["x", "v".repeat(line - 5)]);
    left -= line;
  }
  return fields;
}

describe("RequestSection", () => {
  test.each(ACCEPTED_REQUESTS.map((each) => [each.name, each] as const))("accepts %s", (_name, expected) => {
    const { fields, isEndStream = true, handedOn, contentLength = -1, expectsContinue = false } = expected;
    const head = decode(fields, isEndStream);
    expect(fieldsOf(head)).toEqual([...handedOn]);
    for (let index = 0; index < head.fields.count; index++) {
      expect(head.fields.nameHash(index)).toBe(hashName(head.fields.name(index)));
    }
    const { method, target, path, query, authority } = expected;
    expect([head.method, head.target, head.path, head.query, head.authority]).toEqual([
      method,
      target,
      path,
      query,
      authority,
    ]);
    expect([head.contentLength, head.expectsContinue]).toEqual([contentLength, expectsContinue]);
    expect(head.hasBody).toBe(!isEndStream);
    expect([head.versionMinor, head.isChunked, head.isKeepAlive, head.protocol]).toEqual([1, false, true, ""]);
  });

  test.each(REFUSED_REQUESTS.map((each) => [each.name, each] as const))("refuses %s", (_name, refused) => {
    expect(refusalOf(refused.fields, refused.isEndStream)).toBe(refused.status);
  });

  test("makes the same head as a copy of it", () => {
    for (const { fields, isEndStream, handedOn, target } of ACCEPTED_REQUESTS) {
      const head = decode(fields, isEndStream);
      const { text } = shared;
      const copy = head.clone(text.start, text.end);
      decode(request("/other", "DELETE", [["x-other", "1"]]));
      expect([copy.target, fieldsOf(copy)]).toEqual([target, [...handedOn]]);
      expect(copy.hasBody).toBe(isEndStream === false);
    }
  });

  test("bounds the request line as HTTP/1.1 does", () => {
    const path = (byteLength: number): string => "/".padEnd(byteLength - "GET".length - " HTTP/1.1 ".length, "p");
    expect(decode(request(path(99))).path).toHaveLength(86);
    expect(decode(request(path(100))).path).toHaveLength(87);
    expect(refusalOf(request(path(101)))).toBe(414);
  });

  test("bounds each line, Host and a joined cookie included", () => {
    const line = (name: string, byteLength: number): Field => [name, "v".repeat(byteLength - name.length - 2)];
    for (const name of ["x-long", "cookie"]) {
      expect(fieldsOf(decode(request("/", "GET", [line(name, 119)])))).toHaveLength(2);
      expect(fieldsOf(decode(request("/", "GET", [line(name, 120)])))).toHaveLength(2);
      expect(refusalOf(request("/", "GET", [line(name, 121)]))).toBe(431);
    }
    const crumbs = (byteLength: number): Field[] =>
      request("/", "GET", [line("cookie", 60), line("cookie", byteLength - 54)]);
    expect(fieldsOf(decode(crumbs(120)))[1]![1]).toHaveLength(112);
    expect(refusalOf(crumbs(121))).toBe(431);
    const authority = request().map(([name, value]): Field => [name, name === ":authority" ? "a".repeat(115) : value]);
    expect(refusalOf(authority)).toBe(431);
  });

  test("bounds all lines together", () => {
    const host = "host: a.example".length + 2;
    expect(decode(request("/", "GET", linesOf(399 - host))).fields.count).toBeGreaterThan(3);
    expect(decode(request("/", "GET", linesOf(400 - host))).fields.count).toBeGreaterThan(3);
    expect(refusalOf(request("/", "GET", linesOf(401 - host)))).toBe(431);
  });

  test("bounds the number of fields, a cookie in parts counting as one", () => {
    const many = (count: number): Field[] => Array.from({ length: count }, () => ["x", ""]);
    expect(decode(request("/", "GET", many(8))).fields.count).toBe(9);
    expect(decode(request("/", "GET", many(9))).fields.count).toBe(10);
    expect(refusalOf(request("/", "GET", many(10)))).toBe(431);
    const crumbs: Field[] = Array.from({ length: 15 }, () => ["cookie", "a"]);
    expect(decode(request("/", "GET", [...crumbs, ...many(8)])).fields.count).toBe(10);
    expect(refusalOf(request("/", "GET", [...crumbs, ...many(9)]))).toBe(431);
  });

  test("holds no more than the limits, however much a block stands for", () => {
    const section = new RequestSection(LIMITS, false);
    const decoder = new HpackDecoder(4096);
    section.start(1);
    const bomb = Buffer.concat([
      block(request()),
      Buffer.from([0x40, 1, 0x78, 100]),
      Buffer.alloc(100, "v"),
      Buffer.alloc(10_000, 0xbe),
    ]);
    decoder.decode(bomb, 0, bomb.length, section);
    expect(() => section.finish(true)).toThrow("headerBytesMax");
    expect(section.text.byteLength).toBeLessThan(1_000);
  });

  test("reads the request line and the fields of one that grew its memory", () => {
    const section = new RequestSection({ ...LIMITS, headerBytesMax: 100_000, headerLineBytesMax: 50_000 }, false);
    const fields: Field[] = [
      ["x-1", "a".repeat(20_000)],
      ["cookie", "b".repeat(10_000)],
      ["cookie", "c".repeat(20_000)],
    ];
    const head = decode(request("/path?query", "GET", fields), true, section);
    expect([head.path, head.query, head.authority]).toEqual(["/path", "query", "a.example"]);
    expect(fieldsOf(head)[1]).toEqual(fields[0]);
    expect(fieldsOf(head)[2]![1]).toBe(`${"b".repeat(10_000)}; ${"c".repeat(20_000)}`);
  });

  test("takes :protocol with CONNECT where it was announced", () => {
    const section = new RequestSection(LIMITS, true);
    const connect = (protocol: string, method: string = "CONNECT"): Field[] => [
      ...request("/chat", method).slice(0, 4),
      [":protocol", protocol],
    ];
    const head = decode(connect("websocket"), false, section);
    expect([head.method, head.protocol, head.path, head.authority]).toEqual([
      "CONNECT",
      "websocket",
      "/chat",
      "a.example",
    ]);
    expect([head.hasBody, head.isExtendedConnect]).toEqual([false, true]);
    for (const fields of [
      connect(""),
      connect("web socket"),
      connect("websocket", "GET"),
      [...connect("a"), connect("b")[4]!],
    ]) {
      expect(() => decode(fields, false, section)).toThrow(Http2StreamError);
    }
    const plain = decode(request(), true, section);
    expect([plain.protocol, plain.isExtendedConnect]).toEqual(["", false]);
    expect(decode(connect("WebSocket"), false, section).protocol).toBe("WebSocket");
    expect(() => decode(connect("connect-udp"), false, section)).toThrow("its :protocol is not spoken here");
  });
});
