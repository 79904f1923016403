import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { readActions } from "./action-reader.ts";
import type { WorkerFeature } from "./features.ts";
import { assertTypeAllowed, type FrameType } from "./frame-type.ts";
import type { WorkerHello } from "./handshake.ts";
import { readHello } from "./hello-reader.ts";
import { type ActionList, NO_ACTIONS } from "./socket-action.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

/** A frame of a worker that belongs to no request. */
export type WorkerNotice =
  | { readonly type: "hello"; readonly hello: WorkerHello }
  /** The answer to the ping `n`; -1 where it says no number. */
  | { readonly type: "pong"; readonly n: number }
  /** What the worker has the engine do with sockets and topics. */
  | { readonly type: "actions"; readonly list: ActionList };

const PONG_KEYS = new MapKeys(["n"]);
const ACTION_KEYS = new MapKeys(["actions"]);

/** The values of the frame lie in one map. */
const DEPTH = 1;

/**
 * Reads the map of a frame without an id, whose MessagePack has been walked before.
 *
 * @param features what was agreed on; `null` at level 1, where the one such frame is the hello that ends it.
 * @throws {WorkerProtocolError} when frames of this type need an id or a feature, or it breaks the rules of its type.
 */
export function readNotice(
  cursor: MsgpackCursor,
  type: FrameType | null,
  features: readonly WorkerFeature[] | null,
): WorkerNotice {
  if (type === "hello") return { type, hello: readHello(cursor) };
  if (type === "pong" && features !== null) {
    assertTypeAllowed(type, features);
    return { type, n: readPong(cursor) };
  }
  if (type === "actions" && features !== null) {
    assertTypeAllowed(type, features);
    return { type, list: readActionFrame(cursor) };
  }
  throw new WorkerProtocolError(
    "VILYA_WORKER_ID_INVALID",
    "Cannot read the id of a response: it has none, the id of its request is allowed",
  );
}

function readActionFrame(cursor: MsgpackCursor): ActionList {
  let list = NO_ACTIONS;
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    if (ACTION_KEYS.read(cursor, DEPTH) === "actions") list = readActions(cursor);
    else cursor.skip(DEPTH);
  }
  return list;
}

function readPong(cursor: MsgpackCursor): number {
  let n = -1;
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    if (PONG_KEYS.read(cursor, DEPTH) === "n" && cursor.peekType() === "integer") n = cursor.readNumber();
    else cursor.skip(DEPTH);
  }
  return n;
}
