import { describe, expect, test } from "bun:test";

import { decodeMsgpack } from "../../../test/support/decode-msgpack.ts";
import { Arena } from "../../kernel/arena.ts";
import { encodeBody } from "./body-encoder.ts";

describe("encodeBody", () => {
  test("keeps frames below the smallest limit there is", () => {
    const arena = new Arena();
    const body = Buffer.alloc(100_000, "x");
    encodeBody(arena, 2 ** 53 - 1, body, 0, body.length);
    const lengths: number[] = [];
    let received = "";
    while (arena.byteLength > 0) {
      const byteLength = arena.bytes.readUInt32BE(arena.start);
      lengths.push(byteLength);
      const frame = decodeMsgpack(arena.bytes.subarray(arena.start + 4, arena.start + 4 + byteLength));
      received += frame instanceof Map ? String(frame.get("body")) : "";
      arena.consume(4 + byteLength);
    }
    expect(Math.max(...lengths)).toBeLessThan(64 * 1024);
    expect(received).toBe(body.toString());
  });
});
