import { describe, expect, test } from "bun:test";
import { formTypeOf } from "./form-type.ts";

const LONGEST = "a".repeat(70);

describe("formTypeOf", () => {
  test.each([
    [null, null],
    ["", null],
    ["text/plain", null],
    ["multipart/mixed; boundary=a", null],
    ["multipart/form-data-x; boundary=a", null],
    ["application/x-www-form-urlencoded", { kind: "urlencoded" }],
    ["Application/X-WWW-Form-Urlencoded ; charset=UTF-8", { kind: "urlencoded" }],
    ["multipart/form-data; boundary=a", { kind: "multipart", boundary: "a" }],
    ['MULTIPART/FORM-DATA;charset=utf-8; BOUNDARY="a b:c" ; x="\\""', { kind: "multipart", boundary: "a b:c" }],
    [`multipart/form-data; boundary=${LONGEST}`, { kind: "multipart", boundary: LONGEST }],
  ] as const)("takes %j for what it says", (contentType, expected) => {
    expect(formTypeOf(contentType)).toEqual(expected);
  });

  test.each([
    ["multipart/form-data", "its Content-Type has no boundary"],
    ["multipart/form-data; charset=utf-8", "its Content-Type has no boundary"],
    ["multipart/form-data; boundary=", "its boundary is not one"],
    ['multipart/form-data; boundary="a "', "its boundary is not one"],
    ['multipart/form-data; boundary="a\\;"', "its boundary is not one"],
    ["multipart/form-data; boundary=a; boundary=b", "its Content-Type has two boundaries"],
    ['multipart/form-data; boundary="a', "the parameters of its Content-Type cannot be read"],
    ["multipart/form-data; boundary", "the parameters of its Content-Type cannot be read"],
    [`multipart/form-data; boundary=${LONGEST}a`, "its boundary is not one"],
    [`multipart/form-data; boundary=${"a".repeat(1_000_000)}`, "its boundary is not one"],
  ])("refuses %.60s", (contentType, state) => {
    expect(() => formTypeOf(contentType)).toThrow(state);
  });
});
