import type { Arena } from "../../kernel/arena.ts";
import { writeAsciiStr, writeUint } from "../msgpack/msgpack-writer.ts";
import { beginRequestFrame, beginTypedFrame, endFrame } from "./frame-encoder.ts";

/** Appends the frame that lets a worker send `byteCount` more bytes of a streamed response: `{type: "credit", id, bytes}`. */
export function encodeCredit(arena: Arena, id: number, byteCount: number): void {
  const lengthAt = beginRequestFrame(arena, "credit", 3, id);
  writeAsciiStr(arena, "bytes");
  writeUint(arena, byteCount);
  endFrame(arena, lengthAt);
}

/** Appends the frame that tells a worker that nobody reads the rest of a streamed response: `{type: "cancel", id}`. */
export function encodeCancel(arena: Arena, id: number): void {
  endFrame(arena, beginRequestFrame(arena, "cancel", 2, id));
}

/** Appends the frame that asks whether the worker's loop turns: `{type: "ping", n}`. */
export function encodePing(arena: Arena, n: number): void {
  const lengthAt = beginTypedFrame(arena, "ping", 2);
  writeAsciiStr(arena, "n");
  writeUint(arena, n);
  endFrame(arena, lengthAt);
}
