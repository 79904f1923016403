import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";

/** The part of a response that a frame carries. `response` is one that is complete. */
export type ResponsePart = "response" | "interim" | "head" | "chunk" | "end";

/** What `type` of a worker's frame says; `other` stands for every name that is none of ours. */
export type FrameType = ResponsePart | "hello" | "other";

const NAMES: readonly FrameType[] = ["response", "interim", "head", "chunk", "end", "hello"];

/** The longest of the names, and one more to tell a longer one apart. */
const SHOWN_BYTES = 9;

/** The value of `type` lies in the map of the frame. */
const DEPTH = 1;

/** Reads the value of `type`, of whatever type it is; nil says as little as no `type` at all. */
export function readFrameType(cursor: MsgpackCursor): FrameType {
  if (cursor.tryReadNil()) return "response";
  const type = cursor.peekType();
  if (type !== "string" && type !== "binary") {
    cursor.skip(DEPTH);
    return "other";
  }
  cursor.readBytes();
  const { bytes, rangeStart, rangeEnd } = cursor;
  const name = bytes.toString("latin1", rangeStart, Math.min(rangeEnd, rangeStart + SHOWN_BYTES));
  return NAMES.find((known) => known === name) ?? "other";
}
