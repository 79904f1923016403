import { describe, expect, test } from "bun:test";

import {
  content,
  frame,
  goaway,
  headersOf,
  hello,
  ping,
  priority,
  reset,
  settings,
  settingsAck,
  splitHeaders,
  windowUpdate,
} from "../../../test/support/http2-frames.ts";
import { RecordingFrameSink } from "../../../test/support/recording-frame-sink.ts";
import { Segments } from "../../kernel/segments.ts";
import { ERROR_CODE } from "./error-code.ts";
import { FRAME_FLAG, FRAME_TYPE, PREFACE } from "./frame.ts";
import { FrameDecoder } from "./frame-decoder.ts";
import { Http2ConnectionError, Http2StreamError } from "./http2-error.ts";

const BLOCK_BYTES_MAX = 20_000;
const OCTETS = Buffer.from("octets");

/** Every kind of frame a client may send, and what its sink is told. */
const CONVERSATION = Buffer.concat([
  hello([3, 100], [4, 70_000]),
  settingsAck(),
  headersOf(1, OCTETS, false),
  content(1, "content"),
  frame(FRAME_TYPE.data, FRAME_FLAG.padded | FRAME_FLAG.endStream, 1, Buffer.from("\x03rest___", "latin1")),
  frame(FRAME_TYPE.headers, 0x2d, 3, Buffer.from("\x02\x00\x00\x00\x01\x10block__", "latin1")),
  priority(5, 3),
  splitHeaders(5, OCTETS, [2, 2, 5]),
  splitHeaders(7, OCTETS, [0], false),
  frame(FRAME_TYPE.data, FRAME_FLAG.padded, 7, Buffer.from("\x00", "latin1")),
  content(7, "", true),
  ping("12345678"),
  ping("87654321", true),
  windowUpdate(0, 2 ** 31 - 1),
  windowUpdate(7, 1),
  reset(7, 0xffff_ffff),
  frame(0xfa, 0xff, 9, Buffer.from("unknown")),
  goaway(0, 2),
]);
const CALLS = [
  "settings 000300000064000400011170",
  "idle",
  "headers 1: octets",
  "data 1 7: content",
  "data 1 end 8: rest",
  "headers 3 end: block",
  "idle",
  "idle",
  "idle",
  "idle",
  "headers 5 end: octets",
  "idle",
  "headers 7: octets",
  "data 7 1: ",
  "data 7 end 0: ",
  "ping 12345678",
  "pong 87654321",
  "window 0 2147483647",
  "window 7 1",
  "reset 7 4294967295",
  "idle",
  "goaway 2",
];

function decodeParts(parts: readonly Buffer[]): { calls: readonly string[]; left: number } {
  const decoder = new FrameDecoder(BLOCK_BYTES_MAX);
  const segments = new Segments();
  const sink = new RecordingFrameSink();
  for (const part of parts) {
    segments.append(Buffer.from(part));
    decoder.decode(segments, sink);
  }
  return { calls: sink.calls, left: segments.byteLength };
}

/** What decoding throws behind a greeting. */
function faultOf(...frames: readonly Buffer[]): { errorCode: number; isStream: boolean } | null {
  try {
    decodeParts([Buffer.concat([hello(), ...frames])]);
    return null;
  } catch (error) {
    if (error instanceof Http2StreamError) return { errorCode: error.errorCode, isStream: true };
    if (error instanceof Http2ConnectionError) return { errorCode: error.errorCode, isStream: false };
    throw error;
  }
}

describe("FrameDecoder", () => {
  test("tells its sink of every frame", () => {
    expect(decodeParts([CONVERSATION])).toEqual({ calls: CALLS, left: 0 });
  });

  test("tells the same wherever the stream is cut in two, and octet by octet", () => {
    for (let at = 1; at < CONVERSATION.length; at++) {
      expect(decodeParts([CONVERSATION.subarray(0, at), CONVERSATION.subarray(at)]).calls).toEqual(CALLS);
    }
    expect(decodeParts(Array.from(CONVERSATION, (octet) => Buffer.from([octet]))).calls).toEqual(CALLS);
  });

  test("tells of whole frames only, wherever the stream ends", () => {
    let before = 0;
    for (let end = 0; end <= CONVERSATION.length; end++) {
      const { calls } = decodeParts([CONVERSATION.subarray(0, end)]);
      expect(calls).toEqual(CALLS.slice(0, calls.length));
      expect(calls.length).toBeGreaterThanOrEqual(before);
      before = calls.length;
    }
    expect(before).toBe(CALLS.length);
  });

  test("stops in front of a frame its sink does not want, and goes on there", () => {
    const decoder = new FrameDecoder(BLOCK_BYTES_MAX);
    const segments = new Segments();
    segments.append(Buffer.from(CONVERSATION));
    const sink = new RecordingFrameSink();
    for (sink.callCountMax = 1; sink.callCountMax <= CALLS.length; sink.callCountMax++) {
      decoder.decode(segments, sink);
      // A block in several frames is one step for the decoder and several calls for the sink.
      expect(sink.calls.length).toBeGreaterThanOrEqual(sink.callCountMax);
    }
    expect(sink.calls).toEqual(CALLS);
  });

  test("goes on behind a frame at which its sink has thrown", () => {
    const decoder = new FrameDecoder(BLOCK_BYTES_MAX);
    const segments = new Segments();
    segments.append(Buffer.concat([hello(), ping("11111111"), ping("22222222")]));
    const sink = new RecordingFrameSink();
    sink.error = new Error("first");
    expect(() => decoder.decode(segments, sink)).toThrow("first");
    sink.error = new Error("second");
    expect(() => decoder.decode(segments, sink)).toThrow("second");
    decoder.decode(segments, sink);
    expect(sink.calls).toEqual(["settings ", "ping 11111111", "ping 22222222"]);
  });

  test("refuses another beginning at its first wrong octet", () => {
    for (let at = 0; at < PREFACE.length; at++) {
      const wrong = Buffer.from(PREFACE.subarray(0, at + 1));
      wrong[at]! ^= 1;
      expect(() => decodeParts([wrong])).toThrow(Http2ConnectionError);
    }
    expect(decodeParts([PREFACE]).calls).toEqual([]);
  });

  test.each([
    ["a ping", ping()],
    ["an acknowledgement", settingsAck()],
    ["a request", headersOf(1, OCTETS)],
  ])("refuses %s in front of SETTINGS, by its header", (_name, first) => {
    expect(() => decodeParts([Buffer.concat([PREFACE, first.subarray(0, 9)])])).toThrow(Http2ConnectionError);
  });

  test("takes a payload of 16,384 bytes and refuses a longer one by its header", () => {
    expect(faultOf(content(1, Buffer.alloc(16_383)))).toBeNull();
    expect(faultOf(content(1, Buffer.alloc(16_384)))).toBeNull();
    const longer = content(1, Buffer.alloc(16_385)).subarray(0, 9);
    expect(faultOf(longer)).toEqual({ errorCode: ERROR_CODE.frameSizeError, isStream: false });
  });

  test("bounds what the frames of one header block hold together", () => {
    const split = (byteLength: number): Buffer => splitHeaders(1, Buffer.alloc(byteLength), [10_000]);
    expect(faultOf(split(BLOCK_BYTES_MAX - 1))).toBeNull();
    expect(faultOf(split(BLOCK_BYTES_MAX))).toBeNull();
    expect(faultOf(split(BLOCK_BYTES_MAX + 1))).toEqual({ errorCode: ERROR_CODE.enhanceYourCalm, isStream: false });
  });

  const { protocolError, frameSizeError } = ERROR_CODE;
  test.each([
    ["DATA on stream 0", content(0, "x"), protocolError],
    ["HEADERS on stream 0", headersOf(0, OCTETS), protocolError],
    ["PRIORITY on stream 0", priority(0), protocolError],
    ["RST_STREAM on stream 0", reset(0), protocolError],
    ["SETTINGS on a stream", frame(FRAME_TYPE.settings, 0, 1), protocolError],
    ["PING on a stream", frame(FRAME_TYPE.ping, 0, 1, Buffer.alloc(8)), protocolError],
    ["GOAWAY on a stream", frame(FRAME_TYPE.goaway, 0, 1, Buffer.alloc(8)), protocolError],
    ["CONTINUATION without HEADERS", frame(FRAME_TYPE.continuation, 4, 1, OCTETS), protocolError],
    ["CONTINUATION behind a whole block", Buffer.concat([headersOf(1, OCTETS), frame(9, 4, 1, OCTETS)]), protocolError],
    ["PUSH_PROMISE", frame(FRAME_TYPE.pushPromise, 4, 1, Buffer.alloc(4)), protocolError],
    ["a stream's priority that depends on itself", priority(3, 3), protocolError],
    ["a request that depends on itself", frame(1, 0x25, 1, Buffer.from([0, 0, 0, 1, 9, 0x82])), protocolError],
    ["DATA with more padding than payload", frame(0, FRAME_FLAG.padded, 1, Buffer.from([3, 1, 2])), protocolError],
    ["HEADERS with more padding than payload", frame(1, 0x0c, 1, Buffer.from([3, 1, 2])), protocolError],
    ["a window opened by 0", windowUpdate(0, 0), protocolError],
    ["a window opened by the reserved bit", windowUpdate(0, 0x8000_0000), protocolError],
    ["padded DATA without a pad length", frame(0, FRAME_FLAG.padded, 1), frameSizeError],
    ["HEADERS without its priority", frame(1, 0x24, 1, Buffer.alloc(4)), frameSizeError],
    ["a short RST_STREAM", frame(FRAME_TYPE.rstStream, 0, 1, Buffer.alloc(3)), frameSizeError],
    ["a long RST_STREAM", frame(FRAME_TYPE.rstStream, 0, 1, Buffer.alloc(5)), frameSizeError],
    ["SETTINGS with half a parameter", frame(FRAME_TYPE.settings, 0, 0, Buffer.alloc(7)), frameSizeError],
    ["an acknowledgement with parameters", frame(FRAME_TYPE.settings, 1, 0, Buffer.alloc(6)), frameSizeError],
    ["a short PING", frame(FRAME_TYPE.ping, 0, 0, Buffer.alloc(7)), frameSizeError],
    ["a long PING", frame(FRAME_TYPE.ping, 0, 0, Buffer.alloc(9)), frameSizeError],
    ["a short GOAWAY", frame(FRAME_TYPE.goaway, 0, 0, Buffer.alloc(7)), frameSizeError],
    ["a short WINDOW_UPDATE", frame(FRAME_TYPE.windowUpdate, 0, 0, Buffer.alloc(3)), frameSizeError],
  ])("ends the connection for %s", (_name, bytes, errorCode) => {
    expect(faultOf(bytes)).toEqual({ errorCode, isStream: false });
  });

  test.each([
    ["a priority of other than five octets", frame(FRAME_TYPE.priority, 0, 1, Buffer.alloc(4)), frameSizeError],
    ["its window opened by 0", windowUpdate(1, 0), protocolError],
  ])("ends a stream for %s", (_name, bytes, errorCode) => {
    expect(faultOf(bytes)).toEqual({ errorCode, isStream: true });
  });

  test.each([
    ["content", content(1, "x")],
    ["another stream's header block", headersOf(3, OCTETS)],
    ["another stream's CONTINUATION", frame(FRAME_TYPE.continuation, 4, 3, OCTETS)],
    ["a ping", ping()],
    ["an unknown frame", frame(0xfa, 0, 1)],
  ])("ends the connection for %s inside a header block, by its header", (_name, bytes) => {
    const open = frame(FRAME_TYPE.headers, 0, 1, OCTETS);
    expect(faultOf(open, bytes.subarray(0, 9))).toEqual({ errorCode: protocolError, isStream: false });
  });

  test("ignores the reserved bit of a stream's number, and flags that a type does not define", () => {
    const { calls } = decodeParts([
      Buffer.concat([hello(), frame(0, 0xf6, 0x8000_0001, OCTETS), frame(6, 0xfe, 0, Buffer.alloc(8))]),
    ]);
    expect(calls).toEqual(["settings ", "data 1 6: octets", `ping ${"\0".repeat(8)}`]);
  });

  test("knows whether it is waiting for anything but content", () => {
    const decoder = new FrameDecoder(BLOCK_BYTES_MAX);
    const segments = new Segments();
    const sink = new RecordingFrameSink();
    const take = (bytes: Buffer): boolean => {
      segments.append(Buffer.from(bytes));
      decoder.decode(segments, sink);
      return decoder.isHeadUnfinished(segments);
    };
    expect(decoder.isHeadUnfinished(segments)).toBe(true);
    expect(take(PREFACE)).toBe(true);
    expect(take(settings())).toBe(false);
    expect(take(content(1, "x").subarray(0, 3))).toBe(true);
    expect(take(content(1, "x").subarray(3, 8))).toBe(false);
    expect(take(content(1, "x").subarray(8))).toBe(false);
    expect(take(headersOf(1, OCTETS).subarray(0, 5))).toBe(true);
    expect(take(headersOf(1, OCTETS).subarray(5))).toBe(false);
    expect(take(splitHeaders(3, OCTETS, [2]).subarray(0, 11))).toBe(true);
    expect(decoder.unitCount).toBe(3);
    expect(take(splitHeaders(3, OCTETS, [2]).subarray(11))).toBe(false);
    expect(decoder.unitCount).toBe(4);
  });
});
