import type { Arena } from "../../kernel/arena.ts";
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

/** Ends a frame: fills in the length of what was written since `beginFrame`. */
export function endFrame(arena: Arena, lengthAt: number): void {
  arena.setUint32(arena.start + lengthAt, arena.byteLength - lengthAt - LENGTH_BYTES);
}
