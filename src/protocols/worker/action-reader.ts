import { isUtf8 } from "node:buffer";
import { quote } from "../../base/printable.ts";
import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { ACTION_COUNT_MAX, SOCKET_NAME_BYTES_MAX } from "./limits.ts";
import { type ActionList, NO_ACTIONS, type SocketAction } from "./socket-action.ts";

const KEYS = new MapKeys(["do", "socket", "topic", "data", "binary", "except", "code", "reason"]);

/** The list lies in the map of the frame, the values of an action in its map, which is in the list. */
const LIST_DEPTH = 1;
const ACTION_DEPTH = 3;

/** The values of an action that is a frame by itself lie in its map. */
const FRAME_DEPTH = 1;

/** RFC 6455 §5.5: a close frame has 125 bytes, two of them for its code. */
const REASON_BYTES_MAX = 123;
const NORMAL_CLOSE = 1000;
const SHOWN_BYTES = 32;

const EMPTY = Buffer.alloc(0);

/** What one map says, before it is known whether it makes an action. */
interface RawAction {
  kind: string;
  socket: string | null;
  topic: string | null;
  hasData: boolean;
  bytes: Buffer;
  start: number;
  end: number;
  isBinary: boolean;
  except: string | null;
  code: number;
  reason: string;
}

/**
 * Reads a list of actions, a value of whatever type, and moves behind it. All of them are well formed, or none is returned: half of what a
 * handler has said is nothing that anybody meant.
 *
 * @throws {MsgpackError} when the value is not MessagePack.
 */
export function readActions(cursor: MsgpackCursor): ActionList {
  const type = cursor.peekType();
  if (cursor.tryReadNil()) return NO_ACTIONS;
  if (type !== "array") return refuseAll(cursor, `its actions are of type ${type}, a list is allowed`);
  const start = cursor.at;
  const count = cursor.readArrayHeader();
  const actions: SocketAction[] = [];
  for (let index = 0; index < count; index++) {
    const action =
      index < ACTION_COUNT_MAX ? readAction(cursor) : `it is one more than the ${ACTION_COUNT_MAX} that are allowed`;
    if (typeof action === "string") {
      cursor.at = start;
      return refuseAll(cursor, `action ${index}: ${action}`);
    }
    actions.push(action);
  }
  return { actions, refusal: null };
}

function refuseAll(cursor: MsgpackCursor, refusal: string): ActionList {
  cursor.skip(LIST_DEPTH);
  return { actions: [], refusal };
}

/**
 * Reads the map of a frame that is one action by itself, on the socket of its request (docs/reference/wire.md, W2.52 and W2.54).
 *
 * @returns the action, or why it is none.
 */
export function readOwnAction(cursor: MsgpackCursor, kind: "send" | "close"): SocketAction | string {
  const raw = emptyAction();
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    const refusal = readPair(cursor, raw, FRAME_DEPTH);
    if (refusal !== null) return refusal;
  }
  return checkAction({ ...raw, kind, socket: null });
}

/** Returns the action, or why it is none; the cursor is anywhere then. */
function readAction(cursor: MsgpackCursor): SocketAction | string {
  const type = cursor.peekType();
  if (type !== "map") return `it is of type ${type}, a map is allowed`;
  const raw = emptyAction();
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    const refusal = readPair(cursor, raw, ACTION_DEPTH);
    if (refusal !== null) return refusal;
  }
  return checkAction(raw);
}

function emptyAction(): RawAction {
  return {
    kind: "",
    socket: null,
    topic: null,
    hasData: false,
    bytes: EMPTY,
    start: 0,
    end: 0,
    isBinary: false,
    except: null,
    code: NORMAL_CLOSE,
    reason: "",
  };
}

function readPair(cursor: MsgpackCursor, raw: RawAction, depth: number): string | null {
  const key = KEYS.read(cursor, depth);
  if (key === null) {
    cursor.skip(depth);
    return null;
  }
  if (cursor.tryReadNil()) return null;
  if (key === "binary" || key === "code") return readScalar(cursor, raw, key);
  const type = cursor.peekType();
  if (type !== "string" && type !== "binary") return `its ${key} is of type ${type}, str or bin is allowed`;
  cursor.readBytes();
  const { bytes, rangeStart, rangeEnd } = cursor;
  if (key === "data") {
    raw.hasData = true;
    raw.bytes = bytes;
    raw.start = rangeStart;
    raw.end = rangeEnd;
    return null;
  }
  // Only text is compared with text: other bytes would be taken for what they are not.
  if (!isUtf8(bytes.subarray(rangeStart, rangeEnd))) return `its ${key} is not UTF-8`;
  if (key === "reason" && rangeEnd - rangeStart > REASON_BYTES_MAX)
    return `its reason has ${rangeEnd - rangeStart} bytes, ${REASON_BYTES_MAX} are allowed`;
  raw[key === "do" ? "kind" : key] = bytes.toString("utf8", rangeStart, rangeEnd);
  return null;
}

function readScalar(cursor: MsgpackCursor, raw: RawAction, key: "binary" | "code"): string | null {
  const type = cursor.peekType();
  if (key === "binary" && type === "boolean") raw.isBinary = cursor.readBoolean();
  else if (key === "code" && type === "integer") raw.code = cursor.readNumber();
  else return `its ${key} is of type ${type}, ${key === "binary" ? "a boolean" : "an integer"} is allowed`;
  return null;
}

function checkAction(raw: RawAction): SocketAction | string {
  const { kind, socket, topic, except, isBinary, bytes, start, end, code, reason } = raw;
  if (isTooLong(socket) || isTooLong(except)) return `it names a socket with more than ${SOCKET_NAME_BYTES_MAX} bytes`;
  switch (kind) {
    case "send":
    case "publish": {
      if (!raw.hasData) return `it is to ${kind}, and has no data`;
      if (!isBinary && !isUtf8(bytes.subarray(start, end))) return "its data is not UTF-8, which text is";
      if (kind === "send") return { kind, socket, isBinary, bytes, start, end };
      return topic === null ? noTopic(kind) : { kind, topic, except, isBinary, bytes, start, end };
    }
    case "subscribe":
    case "unsubscribe":
      return topic === null ? noTopic(kind) : { kind, socket, topic };
    case "close":
      if (!mayClose(code)) return `its code is ${code}, 1000 to 1003, 1007 to 1014 and 3000 to 4999 are allowed`;
      return { kind, socket, code, reason };
    default:
      return `it is to do ${quote(kind.slice(0, SHOWN_BYTES))}, send, publish, subscribe, unsubscribe and close are allowed`;
  }
}

function noTopic(kind: string): string {
  return `it is to ${kind}, and has no topic`;
}

function isTooLong(name: string | null): boolean {
  return name !== null && Buffer.byteLength(name) > SOCKET_NAME_BYTES_MAX;
}

/** RFC 6455 §7.4: what may stand in a close frame. Programs say 1002 of protocols of their own above WebSockets. */
function mayClose(code: number): boolean {
  if (code >= 3000) return code <= 4999;
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014);
}
