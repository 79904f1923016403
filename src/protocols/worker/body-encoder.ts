import type { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { writeAsciiStr, writeBinHeader } from "../msgpack/msgpack-writer.ts";
import { beginRequestFrame, endFrame } from "./frame-encoder.ts";
import { writeRequestFields } from "./request-fields.ts";

/** What one frame carries of a body at most: it fits into the smallest frame limit that can be configured. */
const BODY_BYTES_MAX = 32 * 1024;

/** Appends `bytes[start, end)` of the body of request `id`, in as many frames `{type: "body", id, body}` as it takes. */
export function encodeBody(arena: Arena, id: number, bytes: Buffer, start: number, end: number): void {
  for (let at = start; at < end; at += BODY_BYTES_MAX) {
    const pieceEnd = Math.min(end, at + BODY_BYTES_MAX);
    const lengthAt = beginRequestFrame(arena, "body", 3, id);
    writeAsciiStr(arena, "body");
    writeBinHeader(arena, pieceEnd - at);
    arena.writeBytes(bytes, at, pieceEnd);
    endFrame(arena, lengthAt);
  }
}

/** Appends the end of a body that is complete: `{type: "body_end", id, trailers}`, without `trailers` where it has none. */
export function encodeBodyEnd(arena: Arena, id: number, trailers: FieldBlock | null): void {
  const hasTrailers = trailers !== null && trailers.count > 0;
  const lengthAt = beginRequestFrame(arena, "body_end", hasTrailers ? 3 : 2, id);
  if (hasTrailers) {
    writeAsciiStr(arena, "trailers");
    writeRequestFields(arena, trailers);
  }
  endFrame(arena, lengthAt);
}

/** Appends the end of a body that never will be complete: `{type: "body_abort", id}`. */
export function encodeBodyAbort(arena: Arena, id: number): void {
  endFrame(arena, beginRequestFrame(arena, "body_abort", 2, id));
}
