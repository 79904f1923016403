import { describe, expect, test } from "bun:test";
import { buildRequestHead } from "../../../test/support/build-request-head.ts";
import { encodeValue } from "../../../test/support/msgpack-values.ts";
import { Arena } from "../../kernel/arena.ts";
import { hashName } from "../http/field-block.ts";
import { writeRequestFields } from "./request-fields.ts";

type Field = readonly [name: string, value: string];

function encode(fields: readonly Field[], arena: Arena = new Arena()): string {
  const head = buildRequestHead({ method: "GET", target: "/", path: "/", query: "", authority: "", fields });
  const start = arena.end;
  writeRequestFields(arena, head.fields);
  return arena.bytes.toString("hex", start, arena.end);
}

/** A map of 16 or more fields keeps its wide header when fewer names are left of it. */
function wide(map: ReadonlyMap<string, readonly string[]>): string {
  const pairs = [...map].flatMap(([name, values]) => [encodeValue(name), encodeValue(values)]);
  return Buffer.concat([Buffer.of(0xde, map.size >>> 8, map.size), ...pairs]).toString("hex");
}

describe("writeRequestFields", () => {
  test.each([14, 15, 16, 17, 127, 128, 129, 300])("groups %d fields of as many names", (count) => {
    const fields = Array.from({ length: count }, (_, index): Field => [`X-Name-${index}`, `v${index}`]);
    const map = new Map(fields.map(([name, value]) => [name, [value]]));
    expect(encode(fields)).toBe(encodeValue(map).toString("hex"));
  });

  test.each([15, 16, 17, 300])("puts %d fields of one name in one list", (count) => {
    const fields = Array.from({ length: count }, (_, index): Field => [
      index % 2 === 0 ? "cookie" : "COOKIE",
      `v${index}`,
    ]);
    const map = new Map([["Cookie", fields.map(([, value]) => value)]]);
    expect(encode(fields)).toBe(count < 16 ? encodeValue(map).toString("hex") : wide(map));
  });

  test("keeps names apart whose hashes are equal", () => {
    expect(hashName("xa_")).toBe(hashName("xb`"));
    const fields: readonly Field[] = [
      ["Xa_", "1"],
      ["Xb`", "2"],
      ["xA_", "3"],
    ];
    expect(encode(fields)).toBe(encodeValue({ Xa_: ["1", "3"], "Xb`": ["2"] }).toString("hex"));
  });

  test("writes behind what an arena holds, sent bytes before it or not", () => {
    const arena = new Arena();
    arena.writeLatin1("sent and unsent");
    arena.consume(4);
    const fields = Array.from({ length: 40 }, (_, index): Field => [index < 20 ? "A" : "B", "v".repeat(200)]);
    writeRequestFields(
      arena,
      buildRequestHead({ method: "GET", target: "/", path: "/", query: "", authority: "", fields }).fields,
    );
    expect(arena.bytes.toString("latin1", arena.start, arena.end)).toStartWith(
      " and unsent\xde\x00\x02\xa1A\xdc\x00\x14\xd9\xc8vvv",
    );
  });
});
