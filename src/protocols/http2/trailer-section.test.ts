import { describe, expect, test } from "bun:test";

import { block, type Field } from "../../../test/support/hpack-text.ts";
import { HpackDecoder } from "../hpack/hpack-decoder.ts";
import { HttpError } from "../http/http-error.ts";
import { Http2StreamError } from "./http2-error.ts";
import { TrailerSection } from "./trailer-section.ts";

const LIMITS = {
  requestLineBytesMax: 100,
  headerLineBytesMax: 60,
  headerCountMax: 5,
  headerBytesMax: 400,
  trailerBytesMax: 100,
};
const section = new TrailerSection(LIMITS);

function decode(...trailers: readonly Field[]): Field[] {
  const bytes = block(trailers);
  section.start(3);
  new HpackDecoder(4096).decode(bytes, 0, bytes.length, section);
  section.finish();
  const { fields } = section;
  return Array.from({ length: fields.count }, (_, index) => [fields.name(index), fields.value(index)] as const);
}

describe("TrailerSection", () => {
  test("takes fields as they are, and forgets the last section", () => {
    expect(decode(["x-sum", "abc"], ["x-sum", ""])).toEqual([
      ["x-sum", "abc"],
      ["x-sum", ""],
    ]);
    expect(decode()).toEqual([]);
  });

  test.each<Field>([
    [":path", "/"],
    ["", "x"],
    ["X-A", "x"],
    ["x-a", " x"],
    ["x-a", "a\r\nb"],
    ["connection", "close"],
    ["transfer-encoding", "chunked"],
    ["content-length", "1"],
    ["te", "trailers"],
    ["host", "a.example"],
  ])("refuses %s: %j", (name, value) => {
    expect(() => decode(["x-sum", "abc"], [name, value])).toThrow(Http2StreamError);
  });

  test("bounds each line, all lines and their number", () => {
    const value = (byteLength: number): string => "v".repeat(byteLength - 3);
    expect(decode(["x", value(60)])).toHaveLength(1);
    expect(() => decode(["x", value(61)])).toThrow(HttpError);
    expect(decode(["x", value(48)], ["x", value(48)])).toHaveLength(2);
    expect(() => decode(["x", value(48)], ["x", value(49)])).toThrow("trailerBytesMax");
    const many = (count: number): Field[] => Array.from({ length: count }, () => ["x", ""]);
    expect(decode(...many(5))).toHaveLength(5);
    expect(() => decode(...many(6))).toThrow("headerCountMax");
  });
});
