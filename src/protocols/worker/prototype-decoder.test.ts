import { describe, expect, test } from "bun:test";
import { encodeFrame, type MsgpackValue } from "../../../test/support/msgpack-values.ts";
import { Arena } from "../../kernel/arena.ts";
import { Segments } from "../../kernel/segments.ts";
import { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { encodeFork } from "./fork-encoder.ts";
import { PrototypeDecoder } from "./prototype-decoder.ts";
import type { PrototypeNotice } from "./prototype-reader.ts";

const HELLO = { type: "hello", level: 2, sdk: "php/1", features: ["fork"] };
const FORKED = { type: "forked", worker_id: 3, pid: 77 };

/** Feeds `bytes` in pieces of `size`. */
function decode(bytes: Buffer, size = bytes.length): PrototypeNotice[] {
  const notices: PrototypeNotice[] = [];
  const segments = new Segments();
  const decoder = new PrototypeDecoder();
  for (let at = 0; at < bytes.length; at += size) {
    segments.append(bytes.subarray(at, at + size));
    decoder.decode(segments, { onNotice: (notice) => notices.push(notice) });
  }
  return notices;
}

describe("PrototypeDecoder", () => {
  test.each([1, 2, 7, 1_000])("reads what a prototype says in pieces of %i bytes", (size) => {
    const said: readonly MsgpackValue[] = [
      HELLO,
      { pid: 77, later: { a: [1] }, worker_id: 3, type: "forked" },
      { type: "fork_failed", worker_id: 4, error: "Resource temporarily unavailable" },
      { type: "exited", pid: 77, code: 3, signal: null },
      { type: "exited", pid: 78, code: null, signal: 9 },
    ];
    expect(decode(Buffer.concat(said.map(encodeFrame)), size)).toEqual([
      { type: "hello", hello: { level: 2, sdk: "php/1", features: ["fork"], concurrency: 1, routes: null } },
      { type: "forked", workerId: 3, processId: 77 },
      { type: "fork_failed", workerId: 4, error: "Resource temporarily unavailable" },
      { type: "exited", processId: 77, exitCode: 3, signal: null },
      { type: "exited", processId: 78, exitCode: null, signal: 9 },
    ]);
  });

  test.each<[string, MsgpackValue, string]>([
    ["another type", { type: "response", id: 1 }, "VILYA_WORKER_TYPE_INVALID"],
    ["no type", { pid: 77 }, "VILYA_WORKER_TYPE_INVALID"],
    ["init", { ...FORKED, pid: 1 }, "VILYA_WORKER_ID_INVALID"],
    ["a whole group of processes", { ...FORKED, pid: -1 }, "VILYA_WORKER_ID_INVALID"],
    ["its own group", { ...FORKED, pid: 0 }, "VILYA_WORKER_ID_INVALID"],
    ["a process id in words", { ...FORKED, pid: "77" }, "VILYA_WORKER_ID_INVALID"],
    ["no worker", { type: "forked", pid: 77 }, "VILYA_WORKER_ID_INVALID"],
    ["no process that has exited", { type: "exited", code: 0 }, "VILYA_WORKER_ID_INVALID"],
    ["a hello of level 1", { ...HELLO, level: 1 }, "VILYA_WORKER_HELLO_INVALID"],
    ["a list", [1], "VILYA_WORKER_FRAME_NOT_A_MAP"],
  ])("refuses %s", (_what, value, code) => {
    expect(() => decode(encodeFrame(value))).toThrow(expect.objectContaining({ code }));
  });

  test("refuses a frame of more than 64 KiB from its length", () => {
    expect(() => decode(Buffer.of(0, 1, 0, 1))).toThrow(
      expect.objectContaining({ code: "VILYA_WORKER_FRAME_TOO_LARGE" }),
    );
  });
});

test("encodeFork says what a worker is forked with", () => {
  const arena = new Arena();
  encodeFork(arena, { workerId: 300, socketPath: "/run/ä.sock", requestCountMax: 1016, outputPath: "/run/o" });
  const cursor = new MsgpackCursor();
  cursor.reset(arena.bytes, arena.start + 4, arena.end);
  const read: unknown[] = [];
  for (let left = cursor.readMapHeader() * 2; left > 0; left--) {
    if (cursor.peekType() === "integer") read.push(cursor.readNumber());
    else {
      cursor.readBytes();
      read.push(cursor.bytes.toString("utf8", cursor.rangeStart, cursor.rangeEnd));
    }
  }
  const expected = ["type", "fork", "worker_id", 300, "sock", "/run/ä.sock", "max_requests", 1016, "output", "/run/o"];
  expect(read).toEqual(expected);
  expect(cursor.isAtEnd).toBe(true);
});
