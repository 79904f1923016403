import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import type { WorkerFeature } from "./features.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

/** The part of a response that a frame carries. `response` is one that is complete. */
export type ResponsePart = "response" | "interim" | "head" | "chunk" | "end";

/** What a frame that belongs to a request carries: a part of its response, or credit for its body. */
export type RequestFrame = ResponsePart | "credit" | SessionFrame;

/** What a frame of a WebSocket that its worker holds carries. */
export type SessionFrame = "ws_message" | "ws_close";

/** What `type` of a worker's frame says: `done` answers an event of a WebSocket; `other` stands for every name that is none of ours. */
export type FrameType = RequestFrame | "done" | "hello" | "pong" | "actions" | "other";

const NAMES: readonly FrameType[] = [
  "response",
  "done",
  "interim",
  "head",
  "chunk",
  "end",
  "credit",
  "ws_message",
  "ws_close",
  "hello",
  "pong",
  "actions",
];

/** The features of which a worker of level 2 needs one to send frames of a type. */
const FEATURES_OF_TYPE: Readonly<Partial<Record<FrameType, readonly WorkerFeature[]>>> = {
  interim: ["stream"],
  head: ["stream"],
  chunk: ["stream"],
  end: ["stream"],
  credit: ["request_stream", "websocket_session"],
  ws_message: ["websocket_session"],
  ws_close: ["websocket_session"],
  pong: ["ping"],
  done: ["websocket"],
  actions: ["actions"],
};

/** @throws {WorkerProtocolError} when a worker of level 2 with these features may not send frames of this type. */
export function assertTypeAllowed(type: FrameType, features: readonly WorkerFeature[]): void {
  if (FEATURES_OF_TYPE[type]?.some((needed) => features.includes(needed)) === true) return;
  const state = type === "other" ? "it is of an unknown type" : `it is of type ${type}`;
  const added = features.length === 0 ? "" : `, and what the features ${features.join(", ")} add,`;
  throw new WorkerProtocolError(
    "VILYA_WORKER_TYPE_INVALID",
    `Cannot read a frame: ${state}, only responses${added} are allowed`,
  );
}

/** The longest of the names, and one more to tell a longer one apart. */
const SHOWN_BYTES = 11;

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
