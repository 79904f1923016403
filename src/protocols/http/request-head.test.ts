import { describe, expect, test } from "bun:test";

import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { RequestHead } from "./request-head.ts";

const WORDS = {
  method: "POST",
  target: "http://b/p?q=\xe9",
  path: "/p",
  query: "q=\xe9",
  authority: "b",
  fields: [["Host", "a"]],
} as const;

describe("RequestHead", () => {
  test("reads its parts as they were received", () => {
    const head = buildRequestHead(WORDS);
    const { method, target, path, query, authority } = head;
    expect({ method, target, path, query, authority, fields: [["Host", head.fields.get("host")]] }).toEqual({
      ...WORDS,
      fields: [["Host", "a"]],
    });
  });

  test("reads an absent path as a slash", () => {
    expect(buildRequestHead({ ...WORDS, path: "" }).path).toBe("/");
  });

  test("compares method and path letter by letter", () => {
    const head = buildRequestHead(WORDS);
    expect([head.isMethod("POST"), head.isMethod("post"), head.isMethod("POS")]).toEqual([true, false, false]);
    expect([head.isPath("/p"), head.isPath("/P"), head.isPath("/p?q")]).toEqual([true, false, false]);
  });

  test("has a body when it is chunked or longer than nothing", () => {
    const head = new RequestHead();
    expect(head.hasBody).toBe(false);
    head.contentLength = 0;
    expect(head.hasBody).toBe(false);
    head.contentLength = 1;
    expect(head.hasBody).toBe(true);
    head.contentLength = -1;
    head.isChunked = true;
    expect(head.hasBody).toBe(true);
  });

  test("outlives its bytes as a copy", () => {
    const head = buildRequestHead(WORDS);
    head.contentLength = 3;
    head.versionMinor = 0;
    head.isKeepAlive = false;
    head.expectsContinue = true;
    const copy = head.clone("before".length, head.bytes.length);
    head.bytes.fill(0);
    head.fields.clear(head.bytes);
    expect([copy.method, copy.target, copy.path, copy.query, copy.authority]).toEqual([
      "POST",
      WORDS.target,
      "/p",
      WORDS.query,
      "b",
    ]);
    expect(copy.fields.get("host")).toBe("a");
    expect([copy.contentLength, copy.versionMinor, copy.isKeepAlive, copy.expectsContinue]).toEqual([
      3,
      0,
      false,
      true,
    ]);
  });
});
