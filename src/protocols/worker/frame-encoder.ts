import type { Arena } from "../../kernel/arena.ts";
import { writeAsciiStr, writeMapHeader, writeUint } from "../msgpack/msgpack-writer.ts";
import { LENGTH_BYTES } from "./limits.ts";

/**
 * Begins a frame: leaves room for its length.
 *
 * @returns where that is, for `endFrame`. It counts from the first unsent byte: writing moves bytes when the arena grows.
 */
export function beginFrame(arena: Arena): number {
  const lengthAt = arena.byteLength;
  arena.writeUint32(0);
  return lengthAt;
}

/** Begins a frame of `pairCount` pairs, the first of which is its type. */
export function beginTypedFrame(arena: Arena, type: string, pairCount: number): number {
  const lengthAt = beginFrame(arena);
  writeMapHeader(arena, pairCount);
  writeAsciiStr(arena, "type");
  writeAsciiStr(arena, type);
  return lengthAt;
}

/** Begins a frame of `pairCount` pairs, the first of which are its type and the request that it is about. */
export function beginRequestFrame(arena: Arena, type: string, pairCount: number, id: number): number {
  const lengthAt = beginTypedFrame(arena, type, pairCount);
  writeAsciiStr(arena, "id");
  writeUint(arena, id);
  return lengthAt;
}

/** Ends a frame: fills in the length of what was written since `beginFrame`. */
export function endFrame(arena: Arena, lengthAt: number): void {
  arena.setUint32(arena.start + lengthAt, arena.byteLength - lengthAt - LENGTH_BYTES);
}
