import { describe, expect, test } from "bun:test";

import { buildFieldBlock } from "../../../test/support/build-field-block.ts";
import { integer, TextSink } from "../../../test/support/hpack-text.ts";
import { Arena } from "../../kernel/arena.ts";
import { hashName } from "../http/field-block.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { encodeField, encodeIndexed, encodeInteger, encodeStaticName, encodeString } from "./hpack-encoder.ts";
import { STATIC_COUNT, staticIndexOf } from "./static-table.ts";

function written(write: (arena: Arena) => void): Buffer {
  const arena = new Arena();
  write(arena);
  return arena.copyOut();
}

function decoded(bytes: Buffer): readonly (readonly [string, string])[] {
  const sink = new TextSink();
  new HpackDecoder(4096).decode(bytes, 0, bytes.length, sink);
  return sink.fields;
}

describe("encodeInteger", () => {
  test("writes the examples of RFC 7541 appendix C.1", () => {
    expect(written((arena) => encodeInteger(arena, 0, 0x1f, 10)).toString("hex")).toBe("0a");
    expect(written((arena) => encodeInteger(arena, 0, 0x1f, 1337)).toString("hex")).toBe("1f9a0a");
    expect(written((arena) => encodeInteger(arena, 0, 0xff, 42)).toString("hex")).toBe("2a");
  });

  test.each([0x0f, 0x1f, 0x3f, 0x7f])("writes what the long way comes to, prefix %d", (prefixMax) => {
    for (const value of [0, 1, prefixMax - 1, prefixMax, prefixMax + 1, prefixMax + 127, prefixMax + 128, 2 ** 28]) {
      expect(written((arena) => encodeInteger(arena, 0x80, prefixMax, value))).toEqual(integer(0x80, prefixMax, value));
    }
  });
});

describe("encodeField", () => {
  test("writes names in lower case and values as they are", () => {
    const fields = buildFieldBlock([
      ["Content-Type", "text/HTML"],
      ["X-Own-Name", "\xe9"],
      ["SET-COOKIE", "a=b"],
      ["x", ""],
    ]);
    const bytes = written((arena) => {
      for (let index = 0; index < fields.count; index++) encodeField(arena, fields, index);
    });
    expect(decoded(bytes)).toEqual([
      ["content-type", "text/HTML"],
      ["x-own-name", "\xe9"],
      ["set-cookie", "a=b"],
      ["x", ""],
    ]);
  });

  test("names what the static table names in one octet or two", () => {
    const fields = buildFieldBlock([
      ["Etag", "x"],
      ["Accept-Ranges", "x"],
    ]);
    expect(written((arena) => encodeField(arena, fields, 0))).toEqual(Buffer.from([0x0f, 34 - 15, 1, 0x78]));
    expect(written((arena) => encodeField(arena, fields, 1))).toEqual(Buffer.from([0x0f, 18 - 15, 1, 0x78]));
  });

  test("is not misled by a name whose hash is that of a static one", () => {
    const name = "ai'";
    expect(hashName(name)).toBe(hashName("age"));
    const fields = buildFieldBlock([[name, "x"]]);
    expect(decoded(written((arena) => encodeField(arena, fields, 0)))).toEqual([[name, "x"]]);
  });

  test("adds to no table: what a client hands on leaks nothing by its size", () => {
    const decoder = new HpackDecoder(4096);
    const fields = buildFieldBlock([["authorization", "secret"]]);
    const bytes = written((arena) => encodeField(arena, fields, 0));
    decoder.decode(bytes, 0, bytes.length, new TextSink());
    expect(decoder.tableBytes).toBe(0);
  });

  test("writes strings of every length around the prefix", () => {
    for (const length of [0, 1, 126, 127, 128, 254, 255, 16_384]) {
      const fields = buildFieldBlock([["n".repeat(Math.max(length, 1)), "v".repeat(length)]]);
      const [field] = decoded(written((arena) => encodeField(arena, fields, 0)));
      expect([field![0].length, field![1].length]).toEqual([Math.max(length, 1), length]);
    }
  });
});

describe("the static table", () => {
  test("is written by its indexes", () => {
    for (let index = 1; index <= STATIC_COUNT; index++) {
      const [[name] = [""]] = decoded(written((arena) => encodeIndexed(arena, index)));
      expect(staticIndexOf(name)).toBeGreaterThan(0);
      const bytes = written((arena) => {
        encodeStaticName(arena, index);
        encodeString(arena, Buffer.from("_v_"), 1, 2);
      });
      expect(decoded(bytes)).toEqual([[name, "v"]]);
    }
    expect(staticIndexOf("x-unknown")).toBe(0);
  });
});
