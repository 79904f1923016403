import { describe, expect, test } from "bun:test";

import { fieldBlockOf, fieldListOf } from "./field-list.ts";
import { forbiddenTrailers, isTrailerName, sendableTrailers } from "./trailer-rules.ts";

describe("trailer rules", () => {
  test.each([
    ["X-Checksum", true],
    ["Server-Timing", true],
    ["grpc-status", true],
    ["Digest", true],
    ["ETag", true],
    ["Content-Length", false],
    ["transfer-encoding", false],
    ["Host", false],
    ["SET-COOKIE", false],
    ["Authorization", false],
    ["WWW-Authenticate", false],
    ["If-None-Match", false],
    ["Content-Type", false],
    ["Cache-Control", false],
    ["Trailer", false],
    ["TE", false],
    ["Connection", false],
  ])("%s may be one: %p", (name, isAllowed) => {
    expect(isTrailerName(name)).toBe(isAllowed);
  });

  test("leave out what may not be sent, in bytes of their own", () => {
    const fields = fieldBlockOf([
      ["X-A", "1"],
      ["Host", "evil"],
      ["X-B", ""],
    ]);
    const sendable = sendableTrailers(fields);
    fields.bytes.fill(0x21);
    expect(fieldListOf(sendable!)).toEqual([
      ["X-A", "1"],
      ["X-B", ""],
    ]);
    expect(sendableTrailers(fieldBlockOf([["Age", "1"]]))).toBeNull();
    expect(
      forbiddenTrailers(
        fieldBlockOf([
          ["Age", "1"],
          ["X", "1"],
        ]),
      ),
    ).toEqual(["Age"]);
  });
});
