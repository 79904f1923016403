import { describe, expect, test } from "bun:test";

import { Arena } from "../../kernel/arena.ts";
import { encodeRefusal, type Refusal } from "./refusal-encoder.ts";

function encode(rest: Partial<Refusal>): string {
  const arena = new Arena();
  encodeRefusal(arena, { status: 400, isHead: false, versionMinor: 1, isKeepAlive: true, nowMs: 0, ...rest });
  return arena.bytes.toString("latin1", arena.start, arena.end);
}

describe("encodeRefusal", () => {
  test("says the status and nothing else", () => {
    expect(encode({ isKeepAlive: false })).toBe(
      "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nDate: Thu, 01 Jan 1970 00:00:00 GMT\r\n" +
        "Content-Length: 16\r\nConnection: close\r\n\r\n400 Bad Request\n",
    );
  });

  test("names the log line and the time to wait", () => {
    const text = encode({ status: 503, errorId: "7f3a-01", retryAfterS: 5 });
    expect(text).toContain("\r\nRetry-After: 5\r\n");
    expect(text).toEndWith("\r\nContent-Length: 42\r\n\r\n503 Service Unavailable\nError id: 7f3a-01\n");
  });

  test("answers HEAD with the length alone", () => {
    expect(encode({ isHead: true })).toEndWith("\r\nContent-Length: 16\r\n\r\n");
  });
});
