import { Arena } from "../../kernel/arena.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import { writeAsciiStr, writeMapHeader, writeUint } from "../msgpack/msgpack-writer.ts";

/** Keys that every request map has: `id`, `worker_id`, `timeout_ms`, `runtime_version`, `method`, … `body`. */
export const REQUEST_KEY_COUNT = 13;

/** The header of a short request's map, by which it is told from other requests: they have more entries. Its `id` lies where theirs does. */
export const SHORT_REQUEST_MAP: number = MSGPACK_TAG.fixMap | 2;

/** Where the eight bytes of `id` lie in every request frame, from the first byte of its length, behind a map header of one byte. */
export const REQUEST_ID_OFFSET = 9;

/** Where the four bytes of `worker_id` lie in every request frame, from the first byte of its length, behind a map header of one byte. */
export const REQUEST_WORKER_ID_OFFSET = 28;

/** A configuration has a handful of timeouts; more than this many means that they come and go. */
const TEMPLATE_COUNT_MAX = 32;

interface RequestTemplate {
  readonly timeoutMs: number;
  readonly runtimeVersion: string;
  readonly bytes: Buffer;
}

let templates: RequestTemplate[] = [];

/**
 * The first bytes of every request frame with this timeout and version: an empty length, the map's header, `id` and `worker_id` with room
 * for their values at fixed offsets, `timeout_ms`, `runtime_version`, and the key `method`.
 */
export function requestTemplate(timeoutMs: number, runtimeVersion: string): Buffer {
  for (const template of templates) {
    if (template.timeoutMs === timeoutMs && template.runtimeVersion === runtimeVersion) return template.bytes;
  }
  const bytes = encodeTemplate(timeoutMs, runtimeVersion);
  if (templates.length === TEMPLATE_COUNT_MAX) templates = [];
  templates.push({ timeoutMs, runtimeVersion, bytes });
  return bytes;
}

function encodeTemplate(timeoutMs: number, runtimeVersion: string): Buffer {
  const arena = new Arena();
  arena.writeUint32(0);
  writeMapHeader(arena, REQUEST_KEY_COUNT);
  writeAsciiStr(arena, "id");
  arena.writeUint8(MSGPACK_TAG.uint64);
  arena.writeUint32(0);
  arena.writeUint32(0);
  writeAsciiStr(arena, "worker_id");
  arena.writeUint8(MSGPACK_TAG.uint32);
  arena.writeUint32(0);
  writeAsciiStr(arena, "timeout_ms");
  writeUint(arena, timeoutMs);
  writeAsciiStr(arena, "runtime_version");
  writeAsciiStr(arena, runtimeVersion);
  writeAsciiStr(arena, "method");
  return arena.copyOut();
}
