import { describe, expect, test } from "bun:test";

import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { encodeRequest } from "./request-encoder.ts";
import { requestLineOf } from "./request-line.ts";

function frameFor(path: string, query: string, method = "GET"): Buffer {
  const target = query === "" ? path : `${path}?${query}`;
  const head = buildRequestHead({ method, target, path, query, authority: "h", fields: [["Host", "h"]] });
  const facts = { remoteAddress: Buffer.from("127.0.0.1:9"), scheme: "http", timeoutMs: 30_000 } as const;
  return encodeRequest(head, { ...facts, runtimeVersion: "0.1.0", bodyBytes: 0 });
}

describe("requestLineOf", () => {
  test.each([1, 31, 32, 199])("names method and path, and keeps the query to itself: %p bytes", (byteCount) => {
    const path = `/${"a".repeat(byteCount - 1)}`;
    expect(requestLineOf(frameFor(path, "token=secret", "DELETE"))).toBe(`DELETE ${path}`);
  });

  test("cuts a path that is long, behind a target that is longer than 64 KiB", () => {
    expect(requestLineOf(frameFor(`/${"a".repeat(300)}`, "q".repeat(70_000)))).toBe(`GET /${"a".repeat(199)}…`);
  });

  test("finds nothing in what is no request", () => {
    expect(requestLineOf(Buffer.from([0, 0, 0, 1, 0x80]))).toBeNull();
    expect(requestLineOf(Buffer.alloc(0))).toBeNull();
  });
});
