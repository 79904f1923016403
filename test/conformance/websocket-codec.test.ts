import { describe, expect, test } from "bun:test";
import { text } from "../support/websocket-frames.ts";
import { cutsEvery, type WebSocketCase } from "./websocket-case.ts";
import { WEBSOCKET_CLOSE_CASES } from "./websocket-close-cases.ts";
import { WEBSOCKET_FRAMING_CASES } from "./websocket-framing-cases.ts";
import { readWebSocket } from "./websocket-reader.ts";
import { WEBSOCKET_UTF8_CASES } from "./websocket-utf8-cases.ts";

const CASES: readonly WebSocketCase[] = [...WEBSOCKET_FRAMING_CASES, ...WEBSOCKET_UTF8_CASES, ...WEBSOCKET_CLOSE_CASES];

/** Longer cases repeat themselves: they are cut at the seams of their frames and around them. */
const CUT_EVERYWHERE_BYTES_MAX = 1_000;

/** Byte by byte is linear, so it may be longer. */
const BYTE_BY_BYTE_BYTES_MAX = 70_000;

describe("WebSocket codec", () => {
  test.each(CASES.map((each) => [each.id, each.name, each] as const))(
    "%s: %s",
    (_id, _name, { frames, expect: events, chopBytes = Infinity }) => {
      const bytes = Buffer.concat(frames);
      const reading = readWebSocket(bytes, cutsEvery(chopBytes, bytes.length));
      expect(reading).toEqual({ events, waitingBytes: 0, heldBytes: 0 });
    },
  );

  test("reads the same however the bytes are cut in two", () => {
    for (const { id, frames, expect: events } of CASES) {
      const bytes = Buffer.concat(frames);
      for (const cut of cutsOf(frames, bytes.length))
        expect([id, cut, readWebSocket(bytes, [cut]).events]).toEqual([id, cut, events]);
    }
  });

  test("reads the same byte by byte", () => {
    for (const { id, frames, expect: events } of CASES) {
      const bytes = Buffer.concat(frames);
      if (bytes.length > BYTE_BY_BYTE_BYTES_MAX) continue;
      const everywhere = Array.from({ length: bytes.length - 1 }, (_, index) => index + 1);
      expect([id, readWebSocket(bytes, everywhere).events]).toEqual([id, events]);
    }
  });

  test("asks for more, and fails nothing, while good frames are incomplete", () => {
    for (const { id, frames, expect: events } of CASES) {
      const bytes = Buffer.concat(frames);
      if (events.some((event) => event.startsWith("fail")) || bytes.length > CUT_EVERYWHERE_BYTES_MAX) continue;
      for (let length = 0; length < bytes.length; length++) {
        const seen = readWebSocket(bytes.subarray(0, length), []).events;
        expect([id, length, seen]).toEqual([id, length, events.slice(0, seen.length)]);
      }
    }
  });

  // Autobahn 6.4.1 to 6.4.4: the octet that nothing could make right is where the connection fails, not the end of the message.
  test.each([
    ["f490808080", 2],
    ["eda080", 2],
    ["c0af", 1],
    ["e09fbf", 2],
    ["f5", 1],
    ["80", 1],
  ])("fails text %s at its octet %d, whatever comes later", (hex, octetCount) => {
    const before = Buffer.from("long enough to be checked at once ".repeat(4));
    const payload = Buffer.concat([before, Buffer.from(hex, "hex"), Buffer.from("never sent")]);
    const bytes = text(payload);
    const fatalEnd = bytes.length - payload.length + before.length + octetCount;
    expect(readWebSocket(bytes.subarray(0, fatalEnd - 1), []).events).toEqual([]);
    expect(readWebSocket(bytes.subarray(0, fatalEnd), []).events).toEqual(["fail 1007"]);
  });
});

function cutsOf(frames: readonly Buffer[], byteLength: number): number[] {
  if (byteLength <= CUT_EVERYWHERE_BYTES_MAX) return Array.from({ length: byteLength - 1 }, (_, index) => index + 1);
  const seams: number[] = [];
  let at = 0;
  for (const { length } of frames.slice(0, 5)) {
    for (let offset = -3; offset < 20; offset++) seams.push(at + offset);
    seams.push(at + (length >> 1));
    at += length;
  }
  return [...new Set(seams)].filter((cut) => cut > 0 && cut < byteLength);
}
