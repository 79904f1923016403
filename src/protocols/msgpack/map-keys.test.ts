import { describe, expect, test } from "bun:test";
import { encodeValue, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { MapKeys } from "./map-keys.ts";
import { MsgpackCursor } from "./msgpack-cursor.ts";

const KEYS = new MapKeys(["id", "if", "body"]);

function read(key: MsgpackValue): string | null {
  const bytes = Buffer.concat([encodeValue(key), encodeValue(7)]);
  const cursor = new MsgpackCursor();
  cursor.reset(bytes, 0, bytes.length);
  const name = KEYS.read(cursor, 1);
  expect(cursor.readNumber()).toBe(7);
  return name;
}

describe("MapKeys", () => {
  test("names a key it knows, as str or bin", () => {
    expect(["id", "if", "body", Buffer.from("body")].map(read)).toEqual(["id", "if", "body", "body"]);
  });

  test("moves behind every other key, of whatever type", () => {
    const others: readonly MsgpackValue[] = ["", "i", "ID", "idx", "bodies", 5, null, true, [1], { id: 1 }];
    expect(others.map(read)).toEqual(others.map(() => null));
  });

  test("goes no deeper into a key than into a value", () => {
    const bytes = Buffer.from("819080", "hex");
    const cursor = new MsgpackCursor(1);
    cursor.reset(bytes, 0, bytes.length);
    cursor.readMapHeader();
    expect(() => KEYS.read(cursor, 1)).toThrow(expect.objectContaining({ code: "VILYA_MSGPACK_TOO_DEEP" }));
  });
});
