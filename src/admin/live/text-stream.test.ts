import { expect, test } from "bun:test";

import type { Exchange } from "../../http/exchange.ts";
import { TextStream } from "./text-stream.ts";

const MEBIBYTE = 1024 * 1024;

test("TextStream › leaves parts out for a reader that is too slow, and goes on when it has caught up", () => {
  let onTaken: (byteCount: number) => void = () => {};
  let writtenBytes = 0;
  const body = { write: (_: Buffer, start: number, end: number) => (writtenBytes += end - start), end() {} };
  const exchange = {
    begin(_: unknown, taken: (byteCount: number) => void) {
      onTaken = taken;
      return body;
    },
  } as unknown as Exchange;
  const text = new TextStream(exchange, "text/plain", {});
  const part = "x".repeat(MEBIBYTE);
  const taken = Array.from({ length: 8 }, () => text.write(part));
  expect(taken).toEqual([true, true, true, true, true, false, false, false]);
  expect(writtenBytes).toBe(5 * MEBIBYTE);
  onTaken(writtenBytes);
  expect(text.write(part)).toBe(true);
});
