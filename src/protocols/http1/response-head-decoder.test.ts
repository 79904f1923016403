import { describe, expect, test } from "bun:test";
import { Segments } from "../../kernel/segments.ts";
import { HttpError } from "../http/http-error.ts";
import { ResponseHead, ResponseHeadDecoder } from "./response-head-decoder.ts";

const LIMITS = {
  requestLineBytesMax: 64,
  headerLineBytesMax: 64,
  headerCountMax: 4,
  headerBytesMax: 128,
  trailerBytesMax: 64,
  chunkExtensionBytesMax: 64,
};

/** Decodes a text that arrives in the parts given; in words, with the bytes left over. */
function decode(...parts: readonly string[]): string {
  const decoder = new ResponseHeadDecoder(LIMITS);
  const segments = new Segments();
  const head = new ResponseHead();
  let isComplete = false;
  try {
    for (const part of parts) {
      segments.append(Buffer.from(part, "latin1"));
      isComplete ||= decoder.decode(segments, head);
    }
  } catch (error) {
    if (error instanceof HttpError) return `refused: ${error.message}`;
    throw error;
  }
  if (!isComplete) return "needs more";
  const fields = Array.from({ length: head.fields.count }, (_, index) => head.fields.value(index)).join(",");
  const framing = head.isChunked ? "chunked" : String(head.contentLength);
  return `${head.status} 1.${head.versionMinor} [${fields}] ${framing} +${segments.byteLength}`;
}

const WHOLE = "HTTP/1.1 200 All right\r\nA: 1\r\nContent-Length: 5\r\n\r\nhello";

describe("ResponseHeadDecoder", () => {
  test.each([
    [WHOLE, "200 1.1 [1,5] 5 +5"],
    ["HTTP/1.1 204\r\n\r\n", "204 1.1 [] -1 +0"],
    ["HTTP/1.0 404 \r\nA:\r\n\r\nx", "404 1.0 [] -1 +1"],
    ["HTTP/1.1 200 caf\xe9\r\nTransfer-Encoding: chunked\r\n\r\n", "200 1.1 [chunked] chunked +0"],
  ])("decodes %j", (text, expected) => {
    expect(decode(text)).toBe(expected);
  });

  test("yields the same however the bytes are split", () => {
    const headEnd = WHOLE.length - "hello".length;
    for (let cut = 1; cut < WHOLE.length; cut++) {
      expect(decode(WHOLE.slice(0, cut), WHOLE.slice(cut))).toBe("200 1.1 [1,5] 5 +5");
      if (cut < headEnd) expect(decode(WHOLE.slice(0, cut))).toBe("needs more");
    }
    expect(decode(...WHOLE.split(""))).toBe("200 1.1 [1,5] 5 +5");
  });

  test.each([
    "HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.1 099 x\r\n\r\n",
    "HTTP/1.1 2000\r\n\r\n",
    "HTTP/1.1  200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\n\r\n",
    "HTTP/1.1 200 a\0b\r\n\r\n",
    "ICY 200 OK\r\n\r\n",
    `HTTP/1.1 200 ${"x".repeat(80)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\nA: ${"x".repeat(80)}\r\n\r\n`,
    `HTTP/1.1 200 OK\r\n${"A: 1\r\n".repeat(5)}\r\n`,
    "HTTP/1.1 200 OK\r\nA : 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\n",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
    "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
  ])("refuses %j", (text) => {
    expect(decode(text)).toStartWith("refused: ");
  });

  test("takes a status line at its limit, and refuses one beyond it before its end is there", () => {
    const line = (length: number) => `HTTP/1.1 200 ${"x".repeat(length - 13)}`;
    expect(decode(`${line(64)}\r\n\r\n`)).toBe("200 1.1 [] -1 +0");
    expect(decode(`${line(65)}\r\n\r\n`)).toStartWith("refused: ");
    expect(decode(line(70))).toStartWith("refused: ");
  });
});
