import { Arena } from "../../kernel/arena.ts";
import type { Codec } from "../../kernel/codec.ts";
import type { Segments } from "../../kernel/segments.ts";
import { MapKeys } from "../msgpack/map-keys.ts";
import type { MsgpackCursor } from "../msgpack/msgpack-cursor.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import {
  writeArrayHeader,
  writeAsciiStr,
  writeBinHeader,
  writeMapHeader,
  writeStr,
  writeUint,
} from "../msgpack/msgpack-writer.ts";
import { readActions } from "./action-reader.ts";
import { beginFrame, endFrame } from "./frame-encoder.ts";
import { assertFrameEnd, assertMap, FrameReader } from "./frame-reader.ts";
import { type ActionList, NO_ACTIONS, type SocketAction } from "./socket-action.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

/** What a frame has beside the bytes of its message: names, a topic, the reason of a close. */
export const RELAY_OVERHEAD_BYTES: number = 64 * 1024;

const KEYS = new MapKeys(["app", "actions"]);

/** The values of the frame lie in one map. */
const DEPTH = 1;

/** Shared: encoding never yields. */
const scratch = new Arena();

/**
 * The frame for what a worker of an app has asked for and another front has to do: `{app, actions: [action]}` with the actions of W2.46, so
 * that whoever reads it holds them to the same rules.
 */
export function encodeRelayedAction(app: string, action: SocketAction): Buffer {
  scratch.truncate(0);
  const lengthAt = beginFrame(scratch);
  writeMapHeader(scratch, 2);
  writeAsciiStr(scratch, "app");
  writeStr(scratch, app);
  writeAsciiStr(scratch, "actions");
  writeArrayHeader(scratch, 1);
  writeAction(scratch, action);
  endFrame(scratch, lengthAt);
  return scratch.copyOut();
}

/** Who hears what other fronts have relayed; valid during the call. */
export interface RelaySink {
  onRelayed(app: string, list: ActionList): void;
}

/** The frames of one front that relays. What `decode` throws is always a `WorkerProtocolError`; nothing behind that frame can be trusted. */
export class ActionRelayDecoder implements Codec<RelaySink> {
  readonly #frames: FrameReader;
  readonly #reader = { read: readRelayed };

  /** @param frameBytesMax how many bytes a frame may announce. */
  constructor({ frameBytesMax }: { readonly frameBytesMax: number }) {
    this.#frames = new FrameReader(frameBytesMax);
  }

  decode(segments: Segments, sink: RelaySink): void {
    while (this.#frames.take(segments)) {
      const { app, list } = this.#frames.read(this.#reader);
      sink.onRelayed(app, list);
      this.#frames.release();
    }
  }
}

function readRelayed(cursor: MsgpackCursor): { readonly app: string; readonly list: ActionList } {
  assertMap(cursor);
  let app: string | null = null;
  let list = NO_ACTIONS;
  for (let left = cursor.readMapHeader(); left > 0; left--) {
    const key = KEYS.read(cursor, DEPTH);
    if (key === "actions") list = readActions(cursor);
    else if (key === "app" && cursor.peekType() === "string") {
      cursor.readBytes();
      app = cursor.bytes.toString("utf8", cursor.rangeStart, cursor.rangeEnd);
    } else cursor.skip(DEPTH);
  }
  assertFrameEnd(cursor);
  if (app !== null) return { app, list };
  const message =
    "Cannot read a relayed action: it names no app, the app of the worker that has asked for it is allowed";
  throw new WorkerProtocolError("VILYA_WORKER_FRAME_MALFORMED", message);
}

function writeAction(arena: Arena, action: SocketAction): void {
  switch (action.kind) {
    case "send":
      writeMapHeader(arena, 4);
      writePair(arena, "socket", action.socket);
      writePayload(arena, action);
      break;
    case "publish":
      writeMapHeader(arena, 5);
      writePair(arena, "topic", action.topic);
      writePair(arena, "except", action.except);
      writePayload(arena, action);
      break;
    case "subscribe":
    case "unsubscribe":
      writeMapHeader(arena, 3);
      writePair(arena, "socket", action.socket);
      writePair(arena, "topic", action.topic);
      break;
    case "close":
      writeMapHeader(arena, 4);
      writePair(arena, "socket", action.socket);
      writeAsciiStr(arena, "code");
      writeUint(arena, action.code);
      writePair(arena, "reason", action.reason);
      break;
    default:
      action satisfies never;
  }
  writePair(arena, "do", action.kind);
}

function writePayload(arena: Arena, action: Extract<SocketAction, { readonly kind: "send" | "publish" }>): void {
  const { isBinary, bytes, start, end } = action;
  writeAsciiStr(arena, "binary");
  arena.writeUint8(isBinary ? MSGPACK_TAG.true : MSGPACK_TAG.false);
  writeAsciiStr(arena, "data");
  writeBinHeader(arena, end - start);
  arena.writeBytes(bytes, start, end);
}

function writePair(arena: Arena, key: string, value: string | null): void {
  writeAsciiStr(arena, key);
  if (value === null) arena.writeUint8(MSGPACK_TAG.nil);
  else writeStr(arena, value);
}
