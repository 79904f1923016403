import { describe, expect, test } from "bun:test";
import { encodeValue, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { FieldBlock } from "../http/field-block.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { FIELD_BYTES_MAX, FIELD_COUNT_MAX } from "./limits.ts";
import { ResponseFieldReader } from "./response-field-reader.ts";

interface Read {
  readonly refusal: string | null;
  readonly fields: FieldBlock;
}

/** Reads `headers` with a value before and behind it, and checks that the cursor ends between the two. */
function read(headers: MsgpackValue, reader: ResponseFieldReader = new ResponseFieldReader()): Read {
  const fields = new FieldBlock();
  const cursor = new MsgpackCursor();
  const bytes = Buffer.concat([Buffer.of(1), encodeValue(headers), Buffer.of(7)]);
  cursor.reset(bytes, 1, bytes.length);
  const refusal = reader.read(cursor, fields);
  expect(cursor.readNumber()).toBe(7);
  return { refusal, fields };
}

const list = (count: number): readonly string[] => Array.from({ length: count }, () => "v");

describe("ResponseFieldReader", () => {
  test("leaves names and values where they lie as long as all are text", () => {
    const { fields } = read({ "Content-Type": ["text/plain"] });
    expect([fields.nameStart(0), fields.valueStart(0)]).toEqual([3, 17]);
  });

  test("copies them all once a number is among them", () => {
    const { fields } = read({ A: "first", Age: 60, B: ["last"] });
    expect(fields.bytes.toString("latin1", 0, fields.valueEnd(2))).toBe("AfirstAge60Blast");
    expect([fields.name(1), fields.value(1), fields.value(2)]).toEqual(["Age", "60", "last"]);
  });

  test.each([FIELD_COUNT_MAX - 1, FIELD_COUNT_MAX])("takes %d fields", (count) => {
    expect(read({ X: list(count) })).toMatchObject({ refusal: null, fields: { count } });
    expect(read({ N: 1, X: list(count - 1) })).toMatchObject({ refusal: null, fields: { count } });
  });

  test("refuses one field more", () => {
    const refusal = `it has more header fields than the ${FIELD_COUNT_MAX} that are allowed`;
    expect(read({ X: list(FIELD_COUNT_MAX + 1) }).refusal).toBe(refusal);
    expect(read({ N: 1, X: list(FIELD_COUNT_MAX) }).refusal).toBe(refusal);
  });

  test.each([-1, 0])("takes as many bytes as are allowed and %d", (more) => {
    expect(read({ Name: "v".repeat(FIELD_BYTES_MAX - 4 + more) }).refusal).toBeNull();
    expect(read({ N: [1, "v".repeat(FIELD_BYTES_MAX - 3 + more)] }).refusal).toBeNull();
  });

  test("refuses one byte more, a name counted for each of its values", () => {
    const refusal = `its headers have more bytes than the ${FIELD_BYTES_MAX} that are allowed`;
    expect(read({ Name: "v".repeat(FIELD_BYTES_MAX - 3) }).refusal).toBe(refusal);
    expect(read({ N: [1, "v".repeat(FIELD_BYTES_MAX - 2)] }).refusal).toBe(refusal);
    expect(read({ ["n".repeat(FIELD_BYTES_MAX / 2)]: ["", "", "v"] }).refusal).toBe(refusal);
  });

  test("names the header it refuses, without bytes that could forge a log line", () => {
    expect(read({ "X\r\nY": "a" }).refusal).toBe('the header name "X\\r\\nY" is not a token, which names are');
    expect(read({ Location: "a\r\nb" }).refusal).toStartWith(
      'a value of the header "Location" is text with a control character',
    );
    expect(read({ ["n".repeat(1000)]: "\n" }).refusal?.length).toBeLessThan(250);
    expect(read(new Map([[404, "\n"]])).refusal).toStartWith("a value of the header 404 is");
  });

  test("keeps nothing of one response for the next, so that neither its limits nor its memory run out", () => {
    const reader = new ResponseFieldReader();
    const value = "v".repeat(FIELD_BYTES_MAX / 4);
    for (let round = 0; round < 8; round++) {
      const { refusal, fields } = read({ N: 1, X: value }, reader);
      expect([refusal, fields.valueEnd(1)]).toEqual([null, 3 + value.length]);
    }
  });

  test("is of use again after a refusal", () => {
    const reader = new ResponseFieldReader();
    expect(read({ A: 1, B: "\n" }, reader).refusal).not.toBeNull();
    const { refusal, fields } = read({ C: "c" }, reader);
    expect([refusal, fields.count, fields.get("c")]).toEqual([null, 1, "c"]);
  });
});
