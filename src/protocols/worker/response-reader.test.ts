import { describe, expect, test } from "bun:test";
import { encodeValue, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { ResponseReader } from "./response-reader.ts";

function read(value: MsgpackValue): ResponseReader {
  const reader = new ResponseReader();
  const cursor = new MsgpackCursor();
  const bytes = encodeValue(value);
  cursor.reset(bytes, 0, bytes.length);
  expect(reader.read(cursor)).toBeNull();
  return reader;
}

/** What is accepted and refused is in `spec/vectors/worker/`; this is what the log says of a refusal. */
describe("ResponseReader", () => {
  test("says what it cannot send, and what it could", () => {
    const cases: readonly (readonly [MsgpackValue, string])[] = [
      [
        { id: 1, status: 100 },
        "its status is not one of a final response, an integer from 200 to 999 is allowed, and 103 for an interim one",
      ],
      [{ id: 1, body: ["a"] }, "its body is of type array, only str, bin and nil are allowed"],
      [{ id: 1, headers: "X: y" }, "its headers are of type string, only a map, an empty array and nil are allowed"],
      [
        { id: 1, headers: { X: ["a", { b: 1 }] } },
        'a value of the header "X" is of type map, only text, finite numbers, booleans, nil and lists of them are allowed',
      ],
    ];
    for (const [value, reason] of cases) {
      expect(read(value).response.error).toBe(`Cannot send the worker's response: ${reason}`);
    }
  });

  test("keeps the first of several reasons, and what the worker itself says before any", () => {
    expect(read({ id: 1, status: 0, body: 5 }).response.error).toContain("its status");
    expect(read({ id: 1, status: 0, body: 5, error: "boom" }).response.error).toBe("boom");
  });

  test("keeps what a worker says of itself beside a response that cannot be sent", () => {
    const { response } = read({ _meta: { recycle: true, req_count: 4 }, id: 1, headers: { X: "\n" } });
    expect(response.usage).toMatchObject({ wantsRecycling: true, requestCount: 4 });
  });
});
