import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { FIELD_VALUE, isConnectionField, TOKEN } from "./field-rules.ts";

function octetsOf(table: Uint8Array): number[] {
  return [...table.keys()].filter((octet) => table[octet] === 1);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

describe("TOKEN", () => {
  test("holds visible ASCII without delimiters", () => {
    const delimiters = new Set(Buffer.from('"(),/:;<=>?@[\\]{}'));
    expect(octetsOf(TOKEN)).toEqual(range(0x21, 0x7e).filter((octet) => !delimiters.has(octet)));
  });
});

describe("FIELD_VALUE", () => {
  test("holds everything but control characters, of which the tab is allowed", () => {
    expect(octetsOf(FIELD_VALUE)).toEqual([0x09, ...range(0x20, 0x7e), ...range(0x80, 0xff)]);
  });
});

describe("isConnectionField", () => {
  test.each([
    "Connection",
    "CONTENT-LENGTH",
    "keep-alive",
    "Proxy-Connection",
    "te",
    "Trailer",
    "transfer-Encoding",
    "Upgrade",
  ])("%s belongs to the connection", (name) => {
    expect(isConnectionField(buildFieldBlock([[name, ""]]), 0)).toBe(true);
  });

  test.each(["Host", "Content-Type", "Content_Length", "Connections", "T", "Date", "X-Upgrade"])(
    "%s belongs to the message",
    (name) => {
      expect(isConnectionField(buildFieldBlock([[name, ""]]), 0)).toBe(false);
    },
  );

  test("goes by the name and not by its hash alone", () => {
    const fields = buildFieldBlock([["te", ""]]);
    fields.bytes.write("xy", fields.nameStart(0));
    expect(isConnectionField(fields, 0)).toBe(false);
  });
});
