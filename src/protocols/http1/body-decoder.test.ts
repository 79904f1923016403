import { describe, expect, spyOn, test } from "bun:test";

import {
  CONFORMANCE_BODY_BYTES_MAX as BODY_BYTES_MAX,
  CONFORMANCE_LIMITS as LIMITS,
} from "../../../test/conformance/http1-case.ts";
import { Segments } from "../../kernel/segments.ts";
import { FieldBlock } from "../http/field-block.ts";
import { HttpError } from "../http/http-error.ts";
import { RequestHead } from "../http/request-head.ts";
import { BodyDecoder, type BodySink } from "./body-decoder.ts";

/** Takes down what it is given, one entry a call. */
class Recorder implements BodySink {
  readonly pieces: string[] = [];
  endCount = 0;
  onEnd: () => void = () => {};

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.pieces.push(bytes.toString("latin1", start, end));
  }

  onBodyEnd(): void {
    this.endCount++;
    this.onEnd();
  }
}

const CHUNKED = new RequestHead();
CHUNKED.isChunked = true;

function sized(contentLength: number): RequestHead {
  const head = new RequestHead();
  head.contentLength = contentLength;
  return head;
}

function started(head: RequestHead): BodyDecoder {
  const decoder = new BodyDecoder(LIMITS);
  decoder.start(head, BODY_BYTES_MAX);
  return decoder;
}

function segmentsOf(text: string): Segments {
  const segments = new Segments();
  segments.append(Buffer.from(text, "latin1"));
  return segments;
}

describe("BodyDecoder", () => {
  test("hands on the bytes of a body and not one of the next request", () => {
    const sink = new Recorder();
    const segments = segmentsOf("helloGET");
    started(sized(5)).decode(segments, sink);
    expect([sink.pieces, sink.endCount, segments.byteLength]).toEqual([["hello"], 1, 3]);
  });

  test("hands on the bytes of chunks and not one of the next request", () => {
    const sink = new Recorder();
    const segments = segmentsOf("5\r\nhello\r\n1;a=b\r\n!\r\n0\r\nA: 1\r\n\r\nGET");
    started(CHUNKED).decode(segments, sink);
    expect([sink.pieces, sink.endCount, segments.byteLength]).toEqual([["hello", "!"], 1, 3]);
  });

  test.each([0, -1])("ends a body of length %d at once, without a byte", (contentLength) => {
    const sink = new Recorder();
    started(sized(contentLength)).decode(new Segments(), sink);
    expect([sink.pieces, sink.endCount]).toEqual([[], 1]);
  });

  test("hands on what there is of a chunk before the rest arrives, and holds nothing back", () => {
    const sink = new Recorder();
    const decoder = started(CHUNKED);
    const segments = new Segments();
    for (const octet of "a\r\n0123456789\r\n0;ext\r\n") {
      segments.append(Buffer.from(octet));
      decoder.decode(segments, sink);
      expect(segments.byteLength).toBe(0);
    }
    expect([sink.pieces, sink.endCount]).toEqual(["0123456789".split(""), 0]);
    segments.append(Buffer.from("\r\n"));
    decoder.decode(segments, sink);
    expect(sink.endCount).toBe(1);
  });

  test("does nothing between two bodies", () => {
    const sink = new Recorder();
    const decoder = new BodyDecoder(LIMITS);
    const segments = segmentsOf("hello");
    decoder.decode(segments, sink);
    expect([decoder.isDone, sink.endCount, segments.byteLength]).toEqual([true, 0, 5]);
  });

  test("gives back control at the end of a body even when the next one is started there", () => {
    const sink = new Recorder();
    const decoder = started(sized(2));
    const segments = segmentsOf("abcd");
    sink.onEnd = () => decoder.start(sized(2), BODY_BYTES_MAX);
    decoder.decode(segments, sink);
    expect([sink.pieces, segments.byteLength]).toEqual([["ab"], 2]);
    decoder.decode(segments, sink);
    expect(sink.pieces).toEqual(["ab", "cd"]);
  });

  test("forgets the trailers, the extensions and the sizes of the body before", () => {
    const sink = new Recorder();
    const decoder = started(CHUNKED);
    const { chunkExtensionBytesMax } = LIMITS;
    const body = `1;${"x".repeat(chunkExtensionBytesMax - 1)}\r\na\r\n0\r\nA: 1\r\n\r\n`;
    for (let count = 1; count <= 3; count++) {
      const segments = segmentsOf(body.slice(0, -1));
      decoder.decode(segments, sink);
      segments.append(Buffer.from("\n"));
      decoder.decode(segments, sink);
      expect([sink.endCount, decoder.trailers?.get("a")]).toEqual([count, "1"]);
      decoder.start(CHUNKED, BODY_BYTES_MAX);
      expect(decoder.trailers).toBe(null);
    }
    // Shorter than where the trailers before were cut.
    decoder.decode(segmentsOf("0\r\nB:\r\n\r\n"), sink);
    expect([sink.endCount, decoder.trailers?.get("b")]).toEqual([4, ""]);
    decoder.start(CHUNKED, BODY_BYTES_MAX);
    decoder.decode(segmentsOf("0\r\n\r\n"), sink);
    expect([sink.endCount, decoder.trailers]).toEqual([5, null]);
  });

  test.each(["5;a\r\nhello\r\n0\r\nA: 1\r\n\r\n", "0\r\n\r\n"])("looks at no byte behind the window in %j", (body) => {
    const decoded = (segments: Segments) => {
      const sink = new Recorder();
      started(CHUNKED).decode(segments, sink);
      return [sink.pieces, sink.endCount, segments.byteLength];
    };
    for (let length = 0; length <= body.length; length++) {
      const windowed = new Segments();
      windowed.bytes = Buffer.from(`${body}\r\n\r\n`);
      windowed.end = length;
      expect([length, decoded(windowed)]).toEqual([length, decoded(segmentsOf(body.slice(0, length)))]);
    }
  });

  test("refuses an announced length above the limit before anything is read", () => {
    const decoder = new BodyDecoder(LIMITS);
    expect(() => decoder.start(sized(BODY_BYTES_MAX + 1), BODY_BYTES_MAX)).toThrow(HttpError);
    decoder.start(sized(BODY_BYTES_MAX), BODY_BYTES_MAX);
    expect(decoder.isDone).toBe(false);
  });

  test("refuses chunks above the limit at their size, their bytes not awaited", () => {
    const statusOf = (text: string) => {
      try {
        started(CHUNKED).decode(segmentsOf(text), new Recorder());
      } catch (error) {
        return (error as HttpError).status;
      }
      return null;
    };
    const largest = BODY_BYTES_MAX.toString(16);
    expect(statusOf(largest)).toBe(null);
    expect(statusOf((BODY_BYTES_MAX + 1).toString(16))).toBe(413);
    expect(statusOf(`${largest}\r\n${"x".repeat(BODY_BYTES_MAX)}\r\n1`)).toBe(413);
    expect(statusOf("fffffffffffffff")).toBe(413);
  });

  test("looks for trailers anew once for each line, not for each byte", () => {
    const sink = new Recorder();
    const decoder = started(CHUNKED);
    const clear = spyOn(FieldBlock.prototype, "clear");
    try {
      const segments = segmentsOf("0\r\n");
      for (const octet of `A: ${"x".repeat(60)}\r\nB: ${"y".repeat(40)}\r\n\r\n`) {
        segments.append(Buffer.from(octet));
        decoder.decode(segments, sink);
      }
      expect([sink.endCount, decoder.trailers?.get("b")]).toEqual([1, "y".repeat(40)]);
      // One at the first byte, and one at the end of each line, of which the last is empty.
      expect(clear.mock.calls.length).toBe(1 + 3);
    } finally {
      clear.mockRestore();
    }
  });

  test("stops at the byte that is wrong, having handed on what came before it", () => {
    const sink = new Recorder();
    expect(() => started(CHUNKED).decode(segmentsOf("5\r\nhelloX"), sink)).toThrow(
      "0x58 in the line end after a chunk",
    );
    expect([sink.pieces, sink.endCount]).toEqual([["hello"], 0]);
  });
});
