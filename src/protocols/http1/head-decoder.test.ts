import { describe, expect, spyOn, test } from "bun:test";

import {
  CONFORMANCE_BODY_BYTES_MAX as BODY_BYTES_MAX,
  CONFORMANCE_LIMITS as LIMITS,
  head as headOf,
} from "../../../test/conformance/http1-case.ts";
import { readSplit } from "../../../test/conformance/http1-reader.ts";
import { HTTP1_REQUESTS } from "../../../test/conformance/http1-requests.ts";
import { Segments } from "../../kernel/segments.ts";
import { HttpError } from "../http/http-error.ts";
import { RequestHead } from "../http/request-head.ts";
import { HeadDecoder } from "./head-decoder.ts";

const GET = headOf("GET /p?q HTTP/1.1", "Host: a.example", "Accept: */*");

function segmentsOf(text: string): Segments {
  const segments = new Segments();
  segments.append(Buffer.from(text, "latin1"));
  return segments;
}

/** What decoding `text` at once comes to: the length of the head, a negative progress, or the error's message. */
function decodeWhole(segments: Segments): number | string {
  try {
    return new HeadDecoder(LIMITS).decode(segments, new RequestHead(), 0);
  } catch (error) {
    if (error instanceof HttpError) return error.message;
    throw error;
  }
}

describe("HeadDecoder", () => {
  test("tells the length of the head, empty lines included, and consumes nothing", () => {
    const segments = segmentsOf(`\r\n${GET}body`);
    expect(new HeadDecoder(LIMITS).decode(segments, new RequestHead(), 0)).toBe(GET.length + 2);
    expect(segments.byteLength).toBe(GET.length + 6);
  });

  test("points into the segments it was given", () => {
    const head = new RequestHead();
    const segments = segmentsOf(`before${GET}`);
    segments.consume(6);
    new HeadDecoder(LIMITS).decode(segments, head, 0);
    expect([head.bytes, head.fields.bytes]).toEqual([segments.bytes, segments.bytes]);
    expect(head.bytes.toString("latin1", head.pathStart, head.pathEnd)).toBe("/p");
    expect([head.fields.value(0), head.fields.get("accept"), head.authority]).toEqual([
      "a.example",
      "*/*",
      "a.example",
    ]);
  });

  test("keeps every part of an accepted head inside of it", () => {
    const head = new RequestHead();
    for (const { name, bytes, expect: expectation } of HTTP1_REQUESTS) {
      if (!("ok" in expectation)) continue;
      const length = new HeadDecoder(LIMITS).decode(segmentsOf(bytes), head, 0);
      const order = [
        0,
        head.methodStart,
        head.methodEnd,
        head.targetStart,
        head.pathStart,
        head.pathEnd,
        head.queryStart,
      ];
      order.push(head.queryEnd, head.targetEnd, length);
      expect([name, order]).toEqual([name, order.toSorted((a, b) => a - b)]);
      expect([name, head.authorityEnd - head.authorityStart]).toEqual([name, expectation.ok.host.length]);
    }
  });

  test("looks at no byte outside of the segments' window", () => {
    for (const { name, bytes } of HTTP1_REQUESTS) {
      for (let length = 0; length <= bytes.length; length++) {
        const windowed = new Segments();
        windowed.bytes = Buffer.from(`\r\n\0${bytes}\r\n\r\n\0`, "latin1");
        windowed.start = 3;
        windowed.end = 3 + length;
        expect([name, length, decodeWhole(windowed)]).toEqual([
          name,
          length,
          decodeWhole(segmentsOf(bytes.slice(0, length))),
        ]);
      }
    }
  });

  test("serves many connections at once, and forgets the last request", () => {
    const decoder = new HeadDecoder(LIMITS);
    const head = new RequestHead();
    const slow = segmentsOf(GET.slice(0, -1));
    const progress = decoder.decode(slow, head, 0);
    expect(progress).toBeLessThan(0);

    const other = segmentsOf(
      headOf("POST http://b/ HTTP/1.1", "Host:", "Transfer-Encoding: chunked", "Connection: close"),
    );
    expect(decoder.decode(other, head, 0)).toBe(other.byteLength);
    expect([head.authority, head.isChunked, head.isKeepAlive]).toEqual(["b", true, false]);

    slow.append(Buffer.from("\n"));
    expect(decoder.decode(slow, head, progress)).toBe(GET.length);
    expect([head.authority, head.isChunked, head.isKeepAlive, head.fields.count]).toEqual([
      "a.example",
      false,
      true,
      2,
    ]);
  });

  test("starts over once for each line, not for each byte, when bytes dribble in", () => {
    const lines = ["GET / HTTP/1.1", "Host: a.example", `A: ${"x".repeat(150)}`, `B: ${"y".repeat(150)}`];
    const decoder = new HeadDecoder(LIMITS);
    const head = new RequestHead();
    const startsOver = spyOn(head.fields, "clear");
    const segments = new Segments();
    let progress = 0;
    for (const octet of Buffer.from(headOf(...lines))) {
      segments.append(Buffer.of(octet));
      progress = decoder.decode(segments, head, progress);
    }
    expect(progress).toBe(headOf(...lines).length);
    // One at the first byte, and one at the end of each line, of which the last is empty.
    expect(startsOver.mock.calls.length).toBe(1 + lines.length + 1);
  });

  test("refuses a line as soon as it exceeds its limit, its end not awaited", () => {
    const { requestLineBytesMax, headerLineBytesMax } = LIMITS;
    const statusOf = (text: string) =>
      readSplit(text, [1, text.length - 1], LIMITS, BODY_BYTES_MAX).refusal?.status ?? null;
    expect(statusOf(`GET /${"x".repeat(requestLineBytesMax - 5)}`)).toBe(null);
    expect(statusOf(`GET /${"x".repeat(requestLineBytesMax - 4)}`)).toBe(414);
    expect(statusOf(`GET / HTTP/1.1\r\nA:${"x".repeat(headerLineBytesMax - 2)}`)).toBe(null);
    expect(statusOf(`GET / HTTP/1.1\r\nA:${"x".repeat(headerLineBytesMax - 1)}`)).toBe(431);
  });

  test("bounds what an unfinished head may hold by its sections and one line", () => {
    const flood = `GET / HTTP/1.1\r\n${`A: ${"x".repeat(100)}\r\n`.repeat(100)}`;
    for (let length = 0; length < flood.length; length++) {
      const { refusal, waitingBytes } = readSplit(flood.slice(0, length), [1], LIMITS, BODY_BYTES_MAX);
      expect(waitingBytes).toBeLessThan(LIMITS.requestLineBytesMax + LIMITS.headerBytesMax + LIMITS.headerLineBytesMax);
      if (length > 2_000) expect(refusal?.status).toBe(431);
    }
  });

  test("says what it found, and what would have been right", () => {
    for (const { bytes, expect: expectation } of HTTP1_REQUESTS) {
      const { refusal } = readSplit(bytes, [], LIMITS, BODY_BYTES_MAX);
      if ("ok" in expectation) expect(refusal).toBe(null);
      else expect(refusal?.message).toMatch(/^Cannot [a-zA-Z' ]+: [\x20-\x7e]+, [\x20-\x7e]+$/);
    }
  });

  test.each([
    ["VILYA_HTTP_BAD_REQUEST", "GET / HTTP/1.1\r\nHost : a\r\n\r\n"],
    ["VILYA_HTTP_AMBIGUOUS_FRAMING", headOf("GET / HTTP/1.1", "Host: a", "Content-Length: 1", "Content-Length: 2")],
    ["VILYA_HTTP_TARGET_TOO_LONG", headOf(`GET /${"x".repeat(300)} HTTP/1.1`)],
    ["VILYA_HTTP_FIELDS_TOO_LARGE", headOf("GET / HTTP/1.1", `A: ${"x".repeat(300)}`)],
    ["VILYA_HTTP_EXPECTATION_FAILED", headOf("GET / HTTP/1.1", "Host: a", "Expect: x")],
    ["VILYA_HTTP_NOT_IMPLEMENTED", headOf("CONNECT a:1 HTTP/1.1")],
    ["VILYA_HTTP_VERSION_NOT_SUPPORTED", headOf("GET / HTTP/3.0")],
  ])("names its reason by %s", (code, text) => {
    expect(readSplit(text, [], LIMITS, BODY_BYTES_MAX).refusal?.code).toBe(code);
  });
});
