import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { type Field, TextSink } from "../../../test/support/hpack-text.ts";
import { readFrames } from "../../../test/support/http2-frames.ts";
import { Arena } from "../../kernel/arena.ts";
import { HpackDecoder } from "../hpack/hpack-decoder.ts";
import { FRAME_TYPE } from "./frame.ts";
import { encodeInterim, encodeResponseHead, type Http2ResponseHead, type OwnFields } from "./response-encoder.ts";

const NOW_MS = Date.UTC(1994, 10, 6, 8, 49, 37);
const DATE: Field = ["date", "Sun, 06 Nov 1994 08:49:37 GMT"];

interface Encoded {
  readonly fields: readonly Field[];
  readonly hasContent: boolean;
  readonly isEndStream: boolean;
  readonly frameBytes: readonly number[];
}

function decode(bytes: Buffer): Omit<Encoded, "hasContent"> {
  const { frames, byteLength } = readFrames(bytes);
  expect(byteLength).toBe(bytes.length);
  expect(frames.map(({ type }) => type)).toEqual(
    frames.map((_, index) => (index === 0 ? FRAME_TYPE.headers : FRAME_TYPE.continuation)),
  );
  expect(frames.map(({ streamId }) => streamId)).toEqual(frames.map(() => 5));
  expect(frames.map(({ flags }) => flags & 4)).toEqual(frames.map((_, index) => (index === frames.length - 1 ? 4 : 0)));
  const block = Buffer.concat(frames.map(({ payload }) => payload));
  const sink = new TextSink();
  new HpackDecoder(0).decode(block, 0, block.length, sink);
  const frameBytes = frames.map(({ payload }) => payload.length);
  return { fields: sink.fields, isEndStream: (frames[0]!.flags & 1) === 1, frameBytes };
}

function encode(head: Partial<Http2ResponseHead>, own: OwnFields = []): Encoded {
  const arena = new Arena();
  arena.writeLatin1("before");
  const whole = {
    streamId: 5,
    status: 200,
    fields: null,
    bodyByteLength: 3,
    isHead: false,
    versionMinor: 1,
    nowMs: NOW_MS,
  } as const;
  const hasContent = encodeResponseHead(arena, { ...whole, ...head }, own);
  return { hasContent, ...decode(Buffer.from(arena.bytes.subarray(6, arena.end))) };
}

describe("encodeResponseHead", () => {
  test("writes status, the app's fields in lower case, date and length", () => {
    const fields = buildFieldBlock([
      ["Content-Type", "text/plain"],
      ["Set-Cookie", "a"],
      ["Set-Cookie", "b"],
    ]);
    expect(encode({ fields })).toMatchObject({
      hasContent: true,
      isEndStream: false,
      fields: [
        [":status", "200"],
        ["content-type", "text/plain"],
        ["set-cookie", "a"],
        ["set-cookie", "b"],
        DATE,
        ["content-length", "3"],
      ],
    });
  });

  test.each([200, 204, 206, 304, 400, 404, 500, 201, 302, 418, 503, 999])("writes the status %d", (status) => {
    expect(encode({ status }).fields[0]).toEqual([":status", String(status)]);
  });

  test("leaves out what speaks of the connection, and what that nominates", () => {
    const fields = buildFieldBlock([
      ["Connection", "keep-alive, X-Hop"],
      ["Keep-Alive", "5"],
      ["Transfer-Encoding", "chunked"],
      ["Upgrade", "x"],
      ["X-Hop", "1"],
      ["Content-Length", "999"],
      ["X-End", "1"],
    ]);
    expect(encode({ fields }).fields.slice(1)).toEqual([["x-end", "1"], DATE, ["content-length", "3"]]);
  });

  test("leaves the date to an app that gives one", () => {
    const fields = buildFieldBlock([["Date", "yesterday"]]);
    expect(encode({ fields }).fields.slice(1)).toEqual([
      ["date", "yesterday"],
      ["content-length", "3"],
    ]);
  });

  test("says no length where none is known, and announces content", () => {
    expect(encode({ bodyByteLength: -1 })).toMatchObject({ hasContent: true, fields: [[":status", "200"], DATE] });
  });

  test.each<[string, Partial<Http2ResponseHead>, readonly Field[]]>([
    ["no octets", { bodyByteLength: 0 }, [DATE, ["content-length", "0"]]],
    ["HEAD", { isHead: true }, [DATE, ["content-length", "3"]]],
    [
      "HEAD with a stated length",
      { isHead: true, bodyByteLength: 0, fields: buildFieldBlock([["Content-Length", "7"]]) },
      [DATE, ["content-length", "7"]],
    ],
    ["204", { status: 204 }, [DATE]],
    ["205", { status: 205 }, [DATE, ["content-length", "0"]]],
    ["304", { status: 304 }, [DATE]],
  ])("ends the stream for %s", (_name, head, fields) => {
    const encoded = encode(head);
    expect([encoded.hasContent, encoded.isEndStream]).toEqual([false, true]);
    expect(encoded.fields.slice(1)).toEqual([...fields]);
  });

  test("says the engine's own fields", () => {
    const own: OwnFields = [
      ["Content-Type", "text/plain"],
      ["X-Own", "v".repeat(200)],
      ["Retry-After", ""],
    ];
    expect(encode({ status: 503 }, own).fields.slice(1, 4)).toEqual([
      ["content-type", "text/plain"],
      ["x-own", "v".repeat(200)],
      ["retry-after", ""],
    ]);
  });

  test("cuts a head in frames of 16,384 bytes", () => {
    const rest = 84;
    for (const [length, frameBytes] of [
      [16_384 - rest, [16_384]],
      [16_385 - rest, [16_384, 1]],
      [40_000, [16_384, 16_384, 7_316]],
    ] as const) {
      const value = "v".repeat(length);
      const encoded = encode({ fields: buildFieldBlock([["X-Long", value]]) });
      expect(encoded.fields[1]).toEqual(["x-long", value]);
      const slack =
        frameBytes.reduce((sum, count) => sum + count, 0) - encoded.frameBytes.reduce((sum, count) => sum + count, 0);
      expect(Math.abs(slack)).toBeLessThan(100);
      expect(Math.max(...encoded.frameBytes)).toBeLessThanOrEqual(16_384);
    }
  });
});

describe("encodeInterim", () => {
  test("writes a status and fields, and leaves the stream open", () => {
    const arena = new Arena();
    encodeInterim(arena, { streamId: 5, status: 103, fields: buildFieldBlock([["Link", "</a>"]]) });
    expect(decode(arena.copyOut())).toMatchObject({
      isEndStream: false,
      fields: [
        [":status", "103"],
        ["link", "</a>"],
      ],
    });
    arena.truncate(0);
    encodeInterim(arena, { streamId: 5, status: 100, fields: null });
    expect(decode(arena.copyOut()).fields).toEqual([[":status", "100"]]);
  });

  test("refuses 101, which HTTP/2 does not know", () => {
    expect(() => encodeInterim(new Arena(), { streamId: 1, status: 101, fields: null })).toThrow("1xx other than 101");
  });
});
