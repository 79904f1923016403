import type { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { encodeFields } from "./field-encoder.ts";

const CR_LF = 0x0d0a;
const LAST_CHUNK = Buffer.from("0\r\n");

/**
 * Appends a chunk of a streamed body (RFC 9112 §7.1). An empty one is left out: it would end the body.
 */
export function encodeChunk(arena: Arena, bytes: Buffer, start: number, end: number): void {
  if (start === end) return;
  encodeChunkStart(arena, end - start);
  arena.writeBytes(bytes, start, end);
  encodeChunkEnd(arena);
}

/** Appends what precedes the bytes of a chunk, for content that goes to the socket past the arena. `byteLength` is at least 1. */
export function encodeChunkStart(arena: Arena, byteLength: number): void {
  arena.writeLatin1(byteLength.toString(16));
  arena.writeUint16(CR_LF);
}

/** Appends what follows the bytes of a chunk. */
export function encodeChunkEnd(arena: Arena): void {
  arena.writeUint16(CR_LF);
}

/** Appends the end of a chunked body with its trailer fields, of which those that frame a message are left out (RFC 9110 §6.5.1). */
export function encodeLastChunk(arena: Arena, trailers: FieldBlock | null): void {
  arena.writeBytes(LAST_CHUNK);
  if (trailers !== null) encodeFields(arena, trailers);
  arena.writeUint16(CR_LF);
}
