import { describe, expect, test } from "bun:test";
import { encodeValue, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { readHello } from "./hello-reader.ts";
import type { WorkerHello } from "./handshake.ts";

function read(value: MsgpackValue): WorkerHello {
  const cursor = new MsgpackCursor();
  const bytes = encodeValue(value);
  cursor.reset(bytes, 0, bytes.length);
  return readHello(cursor);
}

const hello = { type: "hello", level: 2, sdk: "php/0.1.0", features: ["ping"] };

/** What is accepted and refused is in `spec/vectors/worker/`; this is what the log says of a refusal. */
describe("readHello", () => {
  test("names the key, what it holds and what it may hold", () => {
    const cases: readonly (readonly [MsgpackValue, string])[] = [
      [{ ...hello, level: 1 }, "level of its hello is 1, an integer from 2 is allowed"],
      [{ ...hello, level: "2" }, "level of its hello is of type string, an integer is allowed"],
      [{ ...hello, sdk: "s".repeat(65) }, "sdk of its hello holds 65 bytes of text, at most 64 is allowed"],
      [
        { ...hello, features: Array.from({ length: 33 }, () => "f") },
        "features of its hello lists 33 names, at most 32 is allowed",
      ],
      [{ ...hello, features: [7] }, "features of its hello holds a value of type integer, text is allowed"],
      [{ ...hello, concurrency: 0 }, "concurrency of its hello is 0, an integer from 1 is allowed"],
      [{ ...hello, concurrency: "9" }, "concurrency of its hello is of type string, an integer is allowed"],
      [
        { ...hello, routes: [1] },
        "routes of its hello is no list of two, [table, [[path, [method, ...]], ...]] is allowed",
      ],
      [{ type: "hello", level: 2 }, "sdk of its hello is missing, printable ASCII is allowed"],
    ];
    for (const [value, message] of cases) {
      expect(() => read(value)).toThrow(
        expect.objectContaining({ code: "VILYA_WORKER_HELLO_INVALID", message: `Cannot greet a worker: ${message}` }),
      );
    }
  });

  test("reads what it knows and skips the rest", () => {
    const meant = { level: 2, sdk: "php/0.1.0", features: ["ping"], concurrency: 1, routes: null };
    expect(read({ ...hello, later: { deep: [1, null] } })).toEqual(meant);
    expect(read({ ...hello, concurrency: null })).toEqual(meant);
    expect(read({ ...hello, concurrency: 100 })).toEqual({ ...meant, concurrency: 100 });
  });
});
