import { describe, expect, test } from "bun:test";
import { encodeString, encodeValue, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { ERROR_BYTES_MAX } from "./limits.ts";
import { readError } from "./response-error.ts";

function read(bytes: Buffer): string | null {
  const cursor = new MsgpackCursor();
  cursor.reset(bytes, 0, bytes.length);
  const error = readError(cursor);
  expect(cursor.isAtEnd).toBe(true);
  return error;
}

describe("readError", () => {
  test("takes nil, false, empty text and an empty list for no error", () => {
    const values: readonly MsgpackValue[] = [null, false, "", Buffer.alloc(0), []];
    expect(values.map((value) => read(encodeValue(value)))).toEqual(values.map(() => null));
  });

  test("reads text as UTF-8 and shows what is none", () => {
    expect(read(encodeValue("Größe"))).toBe("Größe");
    expect(read(encodeString(Buffer.from("ab\xff", "latin1")))).toBe("ab\u{fffd}");
  });

  test.each([ERROR_BYTES_MAX - 1, ERROR_BYTES_MAX])("keeps %d bytes", (byteLength) => {
    expect(read(encodeValue("e".repeat(byteLength)))?.length).toBe(byteLength);
  });

  test("cuts what is longer, between two characters", () => {
    expect(read(encodeValue("e".repeat(ERROR_BYTES_MAX + 1)))?.length).toBe(ERROR_BYTES_MAX);
    expect(read(encodeValue(`${"e".repeat(ERROR_BYTES_MAX - 1)}é`))).toBe("e".repeat(ERROR_BYTES_MAX - 1));
    expect(read(encodeValue(`${"e".repeat(ERROR_BYTES_MAX - 3)}😀`))).toBe("e".repeat(ERROR_BYTES_MAX - 3));
  });

  test("keeps bytes that are no text at all, too", () => {
    expect(read(encodeValue(Buffer.alloc(ERROR_BYTES_MAX * 2, 0x80)))?.length).toBe(ERROR_BYTES_MAX - 3);
  });

  test("says of what type an error is that it cannot read", () => {
    const values: readonly MsgpackValue[] = [true, 0, 1.5, ["a"], { a: 1 }];
    expect(values.map((value) => read(encodeValue(value)))).toEqual(
      ["boolean", "integer", "float", "array", "map"].map((type) => `an error of type ${type}`),
    );
  });
});
