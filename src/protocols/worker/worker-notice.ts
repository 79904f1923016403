import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import type { WorkerFeature } from "./features.ts";
import { assertTypeAllowed, type FrameType } from "./frame-type.ts";
import type { WorkerHello } from "./handshake.ts";
import { readHello } from "./hello-reader.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

/** A frame of a worker that belongs to no request. */
export type WorkerNotice =
  | { readonly type: "hello"; readonly hello: WorkerHello }
  /** The answer to the ping `n`; -1 where it says no number. */
  | { readonly type: "pong"; readonly n: number };

const PONG_KEYS = new MapKeys(["n"]);

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
  throw new WorkerProtocolError(
    "VILYA_WORKER_ID_INVALID",
    "Cannot read the id of a response: it has none, the id of its request is allowed",
  );
}

function readPong(cursor: MsgpackCursor): number {
  let n = -1;
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    if (PONG_KEYS.read(cursor, DEPTH) === "n" && cursor.peekType() === "integer") n = cursor.readNumber();
    else cursor.skip(DEPTH);
  }
  return n;
}
