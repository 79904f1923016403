import { readUint16, readUint32 } from "../msgpack/msgpack-number.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import { LENGTH_BYTES } from "./limits.ts";
import { SHORT_REQUEST_MAP } from "./request-template.ts";

/** Ahead of the method there are only fields of fixed size and the engine's version. */
const METHOD_OFFSET_MAX = 160;
/** Behind the length, the map's header, `id`, the key `request` and the array's header. docs/reference/wire.md, W2.90. */
const SHORT_METHOD_OFFSET = 26;
/** A longer path is cut. */
const PATH_BYTES_MAX = 200;

const KEY_METHOD = key("method");
const KEY_PATH = key("path");

/**
 * Method and path of a request out of its encoded frame, for people who look on; `null` for what is no request. The query stays away: it is
 * where secrets are. Reading it here costs the hot path nothing.
 */
export function requestLineOf(frame: Buffer): string | null {
  const isShort = frame[LENGTH_BYTES] === SHORT_REQUEST_MAP;
  const keyAt = isShort ? 0 : frame.subarray(0, METHOD_OFFSET_MAX).indexOf(KEY_METHOD);
  if (keyAt === -1) return null;
  const method = readStr(frame, isShort ? SHORT_METHOD_OFFSET : keyAt + KEY_METHOD.length);
  const pathAt = isShort ? method.end : readStr(frame, method.end + key("uri").length).end + KEY_PATH.length;
  const path = readStr(frame, pathAt);
  const pathEnd = Math.min(path.end, path.start + PATH_BYTES_MAX);
  const text = frame.toString("latin1", path.start, pathEnd);
  return `${frame.toString("latin1", method.start, method.end)} ${text}${pathEnd < path.end ? "…" : ""}`;
}

function readStr(frame: Buffer, at: number): { readonly start: number; readonly end: number } {
  const tag = frame[at]!;
  if (tag === MSGPACK_TAG.str8) return { start: at + 2, end: at + 2 + frame[at + 1]! };
  if (tag === MSGPACK_TAG.str16) return { start: at + 3, end: at + 3 + readUint16(frame, at + 1) };
  if (tag === MSGPACK_TAG.str32) return { start: at + 5, end: at + 5 + readUint32(frame, at + 1) };
  return { start: at + 1, end: at + 1 + (tag & ~MSGPACK_TAG.fixStr) };
}

function key(name: string): Buffer {
  return Buffer.concat([Buffer.of(MSGPACK_TAG.fixStr | name.length), Buffer.from(name)]);
}
