import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { CONFORMANCE_LIMITS as LIMITS } from "../../../test/conformance/http1-case.ts";
import { Arena } from "../../kernel/arena.ts";
import { Segments } from "../../kernel/segments.ts";
import { RequestHead } from "../http/request-head.ts";
import { BodyDecoder } from "./body-decoder.ts";
import { encodeChunk, encodeChunkEnd, encodeChunkStart, encodeLastChunk } from "./chunk-encoder.ts";

function textOf(arena: Arena): string {
  return arena.bytes.toString("latin1", arena.start, arena.end);
}

describe("encodeChunk", () => {
  test("frames a part of the bytes by its length", () => {
    const arena = new Arena();
    encodeChunk(arena, Buffer.from("0123456789abcdef-"), 1, 17);
    expect(textOf(arena)).toBe("10\r\n123456789abcdef-\r\n");
  });

  test("leaves out an empty chunk, which would end the body", () => {
    const arena = new Arena();
    encodeChunk(arena, Buffer.from("abc"), 2, 2);
    expect(textOf(arena)).toBe("");
  });

  test("is its start, the bytes and its end", () => {
    const arena = new Arena();
    encodeChunkStart(arena, 3);
    arena.writeLatin1("abc");
    encodeChunkEnd(arena);
    expect(textOf(arena)).toBe("3\r\nabc\r\n");
  });
});

describe("encodeLastChunk", () => {
  test("ends the body", () => {
    const arena = new Arena();
    encodeLastChunk(arena, null);
    expect(textOf(arena)).toBe("0\r\n\r\n");
  });

  test("writes trailers without those that frame a message", () => {
    const arena = new Arena();
    encodeLastChunk(
      arena,
      buildFieldBlock([
        ["X-Sum", "1"],
        ["Content-Length", "5"],
        ["Transfer-Encoding", "chunked"],
      ]),
    );
    expect(textOf(arena)).toBe("0\r\nX-Sum: 1\r\n\r\n");
  });

  test("ends what the decoder takes apart again", () => {
    const arena = new Arena();
    const content = Buffer.from("every octet: \0\r\n\xff", "latin1");
    for (let at = 0; at < content.length; at += 5) encodeChunk(arena, content, at, Math.min(at + 5, content.length));
    encodeLastChunk(arena, buildFieldBlock([["X-Sum", "1"]]));

    const head = new RequestHead();
    head.isChunked = true;
    const decoder = new BodyDecoder(LIMITS);
    decoder.start(head, content.length);
    const segments = new Segments();
    segments.append(arena.copyOut());
    let decoded = "";
    let sum: string | null = null;
    decoder.decode(segments, {
      onBodyBytes: (bytes, start, end) => (decoded += bytes.toString("latin1", start, end)),
      onBodyEnd: () => (sum = decoder.trailers?.get("x-sum") ?? null),
    });
    expect([decoded, sum as string | null, segments.byteLength]).toEqual([content.toString("latin1"), "1", 0]);
  });
});
