import { describe, expect, test } from "bun:test";

import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import type { RequestHead } from "../http/request-head.ts";
import { encodeRequest } from "./request-encoder.ts";
import { requestLineOf } from "./request-line.ts";
import { encodeShortRequest } from "./short-request-encoder.ts";

interface Words {
  readonly path: string;
  readonly query: string;
  readonly method?: string;
}

function headFor({ path, query, method = "GET" }: Words): RequestHead {
  const target = query === "" ? path : `${path}?${query}`;
  return buildRequestHead({ method, target, path, query, authority: "h", fields: [["Host", "h"]] });
}

const FACTS = { remoteAddress: Buffer.from("127.0.0.1:9"), scheme: "http", bodyBytes: 0 } as const;
const CONNECTION = { httpVersion: "1.1", serverAddress: Buffer.from("127.0.0.1:8000") } as const;

const FORMS = {
  long: (words: Words): Buffer =>
    encodeRequest(headFor(words), { ...FACTS, timeoutMs: 30_000, runtimeVersion: "0.1.0" }),
  short: (words: Words): Buffer => encodeShortRequest(headFor(words), { ...FACTS, connection: CONNECTION }),
};

describe.each(["long", "short"] as const)("requestLineOf, of a %s request", (form) => {
  const frameFor = FORMS[form];

  test.each([1, 31, 32, 199])("names method and path, and keeps the query to itself: %p bytes", (byteCount) => {
    const path = `/${"a".repeat(byteCount - 1)}`;
    expect(requestLineOf(frameFor({ path, query: "token=secret", method: "DELETE" }))).toBe(`DELETE ${path}`);
  });

  test("cuts a path that is long, behind a target that is longer than 64 KiB", () => {
    const frame = frameFor({ path: `/${"a".repeat(300)}`, query: "q".repeat(70_000) });
    expect(requestLineOf(frame)).toBe(`GET /${"a".repeat(199)}…`);
  });
});

describe("requestLineOf", () => {
  test("finds nothing in what is no request", () => {
    expect(requestLineOf(Buffer.from([0, 0, 0, 1, 0x80]))).toBeNull();
    expect(requestLineOf(Buffer.alloc(0))).toBeNull();
  });
});
