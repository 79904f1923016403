import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { readConditions } from "./request-conditions.ts";

describe("readConditions", () => {
  test("finds them among other fields, whatever their letter case", () => {
    const conditions = readConditions(
      buildFieldBlock([
        ["Host", "a"],
        ["IF-NONE-MATCH", '"a"'],
        ["Range", "bytes=0-1"],
        ["accept-encoding", "br"],
        ["If-Range", '"b"'],
      ]),
    );
    expect(conditions).toMatchObject({
      ifMatch: null,
      ifNoneMatch: '"a"',
      ifModifiedSince: null,
      ifUnmodifiedSince: null,
      ifRange: '"b"',
      range: "bytes=0-1",
      acceptEncoding: "br",
    });
  });

  test("takes several fields of a name as one list", () => {
    const conditions = readConditions(
      buildFieldBlock([
        ["If-Match", '"a"'],
        ["If-Match", '"b"'],
      ]),
    );
    expect(conditions.ifMatch).toBe('"a", "b"');
  });
});
