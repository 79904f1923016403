import { describe, expect, test } from "bun:test";

import { checkPreconditions, isRangeValid } from "./preconditions.ts";
import { RequestConditions } from "./request-conditions.ts";

const MODIFIED = "Sun, 06 Nov 1994 08:49:37 GMT";
const BEFORE = "Sun, 06 Nov 1994 08:49:36 GMT";
const AFTER = "Sun, 06 Nov 1994 08:49:38 GMT";
const STRONG = { etag: '"a"', lastModifiedMs: 784_111_777_000 };
const WEAK = { ...STRONG, etag: 'W/"a"' };
const NOW_MS = Date.UTC(2026, 0, 1);

function check(fields: Partial<RequestConditions>, validators = STRONG): string {
  return checkPreconditions(Object.assign(new RequestConditions(), fields), validators, NOW_MS);
}

describe("checkPreconditions", () => {
  test.each([
    [{}, "met"],
    [{ ifMatch: "*" }, "met"],
    [{ ifMatch: '"b", "a"' }, "met"],
    [{ ifMatch: '"b"' }, "failed"],
    [{ ifMatch: 'W/"a"' }, "failed"],
    [{ ifMatch: "junk" }, "failed"],
    [{ ifUnmodifiedSince: MODIFIED }, "met"],
    [{ ifUnmodifiedSince: AFTER }, "met"],
    [{ ifUnmodifiedSince: BEFORE }, "failed"],
    [{ ifUnmodifiedSince: "junk" }, "met"],
    [{ ifNoneMatch: "*" }, "not-modified"],
    [{ ifNoneMatch: '"a"' }, "not-modified"],
    [{ ifNoneMatch: 'W/"a"' }, "not-modified"],
    [{ ifNoneMatch: '"b"' }, "met"],
    [{ ifModifiedSince: MODIFIED }, "not-modified"],
    [{ ifModifiedSince: AFTER }, "not-modified"],
    [{ ifModifiedSince: BEFORE }, "met"],
    [{ ifModifiedSince: "junk" }, "met"],
  ])("%j: %s", (fields, outcome) => {
    expect(check(fields)).toBe(outcome);
  });

  test.each([
    [{ ifMatch: '"a"', ifUnmodifiedSince: BEFORE }, "met"],
    [{ ifNoneMatch: '"b"', ifModifiedSince: AFTER }, "met"],
    [{ ifMatch: '"b"', ifNoneMatch: '"a"' }, "failed"],
    [{ ifUnmodifiedSince: BEFORE, ifNoneMatch: '"a"' }, "failed"],
    [{ ifMatch: '"a"', ifNoneMatch: '"a"' }, "not-modified"],
  ])("tags go before dates, and what may fail before what may spare: %j: %s", (fields, outcome) => {
    expect(check(fields)).toBe(outcome);
  });

  test("a weak tag never satisfies If-Match and always If-None-Match", () => {
    expect(check({ ifMatch: 'W/"a"' }, WEAK)).toBe("failed");
    expect(check({ ifNoneMatch: '"a"' }, WEAK)).toBe("not-modified");
  });
});

describe("isRangeValid", () => {
  test.each([
    [null, true],
    ['"a"', true],
    ['"b"', false],
    ['W/"a"', false],
    [MODIFIED, true],
    [AFTER, false],
    ["junk", false],
  ])("If-Range %s: %p", (ifRange, isValid) => {
    expect(isRangeValid(ifRange, STRONG, NOW_MS)).toBe(isValid);
  });

  test("nothing vouches for the bytes behind a weak tag", () => {
    expect(isRangeValid('W/"a"', WEAK, NOW_MS)).toBe(false);
    expect(isRangeValid(MODIFIED, WEAK, NOW_MS)).toBe(false);
    expect(isRangeValid(null, WEAK, NOW_MS)).toBe(true);
  });
});
