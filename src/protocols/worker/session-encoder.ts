import { Arena } from "../../kernel/arena.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import { writeArrayHeader, writeAsciiStr, writeBinHeader, writeStr, writeUint } from "../msgpack/msgpack-writer.ts";
import { beginRequestFrame, endFrame } from "./frame-encoder.ts";
import type { ByteRange } from "./socket-action.ts";

/** How many keys {@link encodeSessionKeys} adds to a request. */
export const SESSION_KEY_COUNT = 3;

/** Shared: encoding never yields. */
const scratch = new Arena();

/**
 * Encodes the entries of a request that asks for a WebSocket, with their keys (docs/reference/wire.md, W2.50).
 *
 * @param socket its name, ASCII.
 * @param protocols the subprotocols that its client offers, ASCII.
 */
export function encodeSessionKeys(socket: string, protocols: readonly string[]): Buffer {
  scratch.truncate(0);
  writeAsciiStr(scratch, "websocket");
  scratch.writeUint8(MSGPACK_TAG.true);
  writeAsciiStr(scratch, "protocols");
  writeArrayHeader(scratch, protocols.length);
  for (const protocol of protocols) writeAsciiStr(scratch, protocol);
  writeAsciiStr(scratch, "socket");
  writeAsciiStr(scratch, socket);
  return scratch.copyOut();
}

/** Appends one whole message of a client: `{type: "ws_message", id, binary, data}` (W2.52). */
export function encodeSessionMessage(
  arena: Arena,
  id: number,
  message: { readonly isBinary: boolean } & ByteRange,
): void {
  const { isBinary, bytes, start, end } = message;
  const lengthAt = beginRequestFrame(arena, "ws_message", 4, id);
  writeAsciiStr(arena, "binary");
  arena.writeUint8(isBinary ? MSGPACK_TAG.true : MSGPACK_TAG.false);
  writeAsciiStr(arena, "data");
  writeBinHeader(arena, end - start);
  arena.writeBytes(bytes, start, end);
  endFrame(arena, lengthAt);
}

/** Appends how a socket has ended: `{type: "ws_close", id, code, reason, clean}` (W2.55). */
export function encodeSessionClose(
  arena: Arena,
  id: number,
  { code, reason, isClean }: { readonly code: number; readonly reason: string; readonly isClean: boolean },
): void {
  const lengthAt = beginRequestFrame(arena, "ws_close", 5, id);
  writeAsciiStr(arena, "code");
  writeUint(arena, code);
  writeAsciiStr(arena, "reason");
  writeStr(arena, reason);
  writeAsciiStr(arena, "clean");
  arena.writeUint8(isClean ? MSGPACK_TAG.true : MSGPACK_TAG.false);
  endFrame(arena, lengthAt);
}
