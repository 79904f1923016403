import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { assertFrameEnd, assertMap, type MapReader } from "./frame-reader.ts";
import type { WorkerHello } from "./handshake.ts";
import { readHello } from "./hello-reader.ts";
import { readError } from "./response-error.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

/** What a prototype says. */
export type PrototypeNotice =
  | { readonly type: "hello"; readonly hello: WorkerHello }
  | { readonly type: "forked"; readonly workerId: number; readonly processId: number }
  | { readonly type: "fork_failed"; readonly workerId: number; readonly error: string }
  /** A worker has ended: by itself, with a code, or by a signal, with its number. */
  | {
      readonly type: "exited";
      readonly processId: number;
      readonly exitCode: number | null;
      readonly signal: number | null;
    };

const KEYS = new MapKeys(["type", "worker_id", "pid", "code", "signal", "error"]);

/** The values of the frame lie in one map. */
const DEPTH = 1;

/** Init has 1, and 0 and what is negative name groups of processes. */
const PROCESS_ID_MIN = 2;

/** What an exit code and the number of a signal can be. */
const STATUS_MAX = 255;

/** Reads the map of one frame of a prototype. Keys come in any order, and those it does not know are skipped. */
export class PrototypeReader implements MapReader<PrototypeNotice> {
  /**
   * Reads everything from the cursor's place to its end.
   *
   * @throws {WorkerProtocolError} when the frame is not a map, is followed by other bytes, is of an unknown type, or lacks what its type needs.
   * @throws {MsgpackError} when it is not MessagePack.
   */
  read(cursor: MsgpackCursor): PrototypeNotice {
    const start = cursor.at;
    const said = readPairs(cursor);
    switch (said.type) {
      case "hello":
        cursor.at = start;
        return { type: "hello", hello: readHello(cursor) };
      case "forked":
        return { type: "forked", workerId: need(said, "worker_id"), processId: need(said, "pid", PROCESS_ID_MIN) };
      case "fork_failed":
        return { type: "fork_failed", workerId: need(said, "worker_id"), error: said.error };
      case "exited":
        return {
          type: "exited",
          processId: need(said, "pid", PROCESS_ID_MIN),
          exitCode: statusOf(said.code),
          signal: statusOf(said.signal),
        };
      default:
        throw new WorkerProtocolError(
          "VILYA_WORKER_TYPE_INVALID",
          "Cannot read a frame: a prototype sends hello, forked, fork_failed and exited, and it is none of them",
        );
    }
  }
}

interface Said {
  type: string;
  worker_id: number;
  pid: number;
  code: number;
  signal: number;
  error: string;
}

function readPairs(cursor: MsgpackCursor): Said {
  assertMap(cursor);
  const said: Said = { type: "", worker_id: -1, pid: -1, code: -1, signal: -1, error: "" };
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    const key = KEYS.read(cursor, DEPTH);
    if (key === null) cursor.skip(DEPTH);
    else if (key === "type") said.type = readError(cursor) ?? "";
    else if (key === "error") said.error = readError(cursor) ?? "";
    else if (cursor.peekType() === "integer") said[key] = cursor.readNumber();
    else cursor.skip(DEPTH);
  }
  assertFrameEnd(cursor);
  return said;
}

function need(said: Said, key: "worker_id" | "pid", min = 0): number {
  const value = said[key];
  if (Number.isSafeInteger(value) && value >= min) return value;
  throw new WorkerProtocolError(
    "VILYA_WORKER_ID_INVALID",
    `Cannot read ${key} of a prototype's frame: it is ${value}, an integer from ${min} is allowed`,
  );
}

function statusOf(value: number): number | null {
  return Number.isInteger(value) && value >= 0 && value <= STATUS_MAX ? value : null;
}
