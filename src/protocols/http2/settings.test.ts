import { describe, expect, test } from "bun:test";

import { settings } from "../../../test/support/http2-frames.ts";
import { Arena } from "../../kernel/arena.ts";
import { ERROR_CODE } from "./error-code.ts";
import { encodeSettings } from "./frame-encoder.ts";
import { Http2ConnectionError } from "./http2-error.ts";
import { PeerSettings, SETTING } from "./settings.ts";

function apply(...parameters: readonly (readonly [id: number, value: number])[]): number {
  const bytes = settings(...parameters);
  const peer = new PeerSettings();
  peer.apply(bytes, 9, bytes.length);
  return peer.initialWindowBytes;
}

describe("PeerSettings", () => {
  test("starts with the window of RFC 9113 and takes the last one set", () => {
    expect(apply()).toBe(65_535);
    expect(apply([SETTING.initialWindowSize, 1], [SETTING.initialWindowSize, 2 ** 31 - 1])).toBe(2 ** 31 - 1);
    expect(apply([SETTING.initialWindowSize, 0])).toBe(0);
  });

  test("notices a header table that is smaller than before, and nothing else", () => {
    const peer = new PeerSettings();
    const notices = [4_096, 65_536, 65_535, 65_535, 0, 4_096].map((size) => {
      const bytes = settings([SETTING.headerTableSize, size]);
      peer.isTableSmaller = false;
      peer.apply(bytes, 9, bytes.length);
      return peer.isTableSmaller;
    });
    expect(notices).toEqual([false, false, true, false, true, false]);
  });

  test.each([
    [SETTING.enablePush, 0],
    [SETTING.enablePush, 1],
    [SETTING.maxFrameSize, 2 ** 14],
    [SETTING.maxFrameSize, 2 ** 24 - 1],
    [SETTING.enableConnectProtocol, 1],
    [SETTING.headerTableSize, 2 ** 32 - 1],
    [SETTING.maxConcurrentStreams, 0],
    [SETTING.maxHeaderListSize, 0],
    [0x0fad, 2 ** 32 - 1],
  ])("takes parameter %d with %d", (id, value) => {
    expect(apply([id, value])).toBe(65_535);
  });

  test.each([
    [SETTING.enablePush, 2, ERROR_CODE.protocolError],
    [SETTING.initialWindowSize, 2 ** 31, ERROR_CODE.flowControlError],
    [SETTING.maxFrameSize, 2 ** 14 - 1, ERROR_CODE.protocolError],
    [SETTING.maxFrameSize, 2 ** 24, ERROR_CODE.protocolError],
    [SETTING.enableConnectProtocol, 2, ERROR_CODE.protocolError],
  ])("refuses parameter %d with %d", (id, value, errorCode) => {
    try {
      apply([SETTING.maxConcurrentStreams, 1], [id, value]);
      expect.unreachable();
    } catch (error) {
      expect(error).toBeInstanceOf(Http2ConnectionError);
      expect(error).toMatchObject({ errorCode });
    }
  });
});

describe("encodeSettings", () => {
  test("writes parameters in their order", () => {
    const arena = new Arena();
    encodeSettings(arena, [
      [SETTING.maxConcurrentStreams, 128],
      [SETTING.initialWindowSize, 2 ** 31 - 1],
    ]);
    expect(arena.bytes.toString("hex", 0, arena.end)).toBe(settings([3, 128], [4, 2 ** 31 - 1]).toString("hex"));
  });
});
