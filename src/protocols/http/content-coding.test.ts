import { describe, expect, test } from "bun:test";

import { chooseCoding, CONTENT_CODINGS, type ContentCoding } from "./content-coding.ts";

describe("chooseCoding", () => {
  test.each<[field: string | null, coding: ContentCoding | null]>([
    [null, null],
    ["", null],
    ["gzip", "gzip"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, deflate", "gzip"],
    ["GZIP", "gzip"],
    ["x-gzip", "gzip"],
    ["deflate", null],
    ["*", "br"],
    ["*;q=0", null],
    ["*;q=0.5, br;q=0", "zstd"],
    ["br;q=0.8, gzip;q=0.9", "gzip"],
    ["br;q=0.001", "br"],
    ["br; q=1.000 , gzip ; q=0.999", "br"],
    ["gzip;q=0", null],
    ["br;q=0, zstd;q=0, gzip;q=0", null],
    ["identity", null],
    ["identity, br", "br"],
    ["identity;q=1, gzip;q=0.5", null],
    ["identity;q=0.5, gzip;q=0.5", "gzip"],
    ["identity;q=0", null],
    ["identity;q=0, gzip", "gzip"],
    ["identity;q=0, *;q=0", null],
    ["gzip;q=2", null],
    ["gzip;q=-1", null],
    ["gzip;q=0.1234", null],
    ["gzip;q=junk, br", "br"],
    ["gzip br", null],
    [",,gzip,,", "gzip"],
  ])("%p: %p", (field, coding) => {
    expect(chooseCoding(field, CONTENT_CODINGS)).toBe(coding);
  });

  test("chooses among what is offered, in its order", () => {
    expect(chooseCoding("br, zstd, gzip", ["gzip", "br"])).toBe("gzip");
    expect(chooseCoding("br, zstd, gzip", ["zstd"])).toBe("zstd");
    expect(chooseCoding("br, zstd, gzip", [])).toBeNull();
  });

  test("remembers a bounded number of fields", () => {
    for (let index = 0; index < 2_000; index++) chooseCoding(`gzip;q=0.${index % 1_000}, x${index}`, CONTENT_CODINGS);
    expect(chooseCoding("gzip;q=0.5", CONTENT_CODINGS)).toBe("gzip");
  });
});
