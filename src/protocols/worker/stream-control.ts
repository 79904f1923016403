import type { Arena } from "../../kernel/arena.ts";
import { writeAsciiStr, writeMapHeader, writeUint } from "../msgpack/msgpack-writer.ts";
import { beginFrame, endFrame } from "./frame-encoder.ts";

/** Appends the frame that lets a worker send `byteCount` more bytes of a streamed response: `{type: "credit", id, bytes}`. */
export function encodeCredit(arena: Arena, id: number, byteCount: number): void {
  const lengthAt = beginControl(arena, { type: "credit", pairCount: 3, id });
  writeAsciiStr(arena, "bytes");
  writeUint(arena, byteCount);
  endFrame(arena, lengthAt);
}

/** Appends the frame that tells a worker that nobody reads the rest of a streamed response: `{type: "cancel", id}`. */
export function encodeCancel(arena: Arena, id: number): void {
  endFrame(arena, beginControl(arena, { type: "cancel", pairCount: 2, id }));
}

/** Appends the frame that asks whether the worker's loop turns: `{type: "ping", n}`. */
export function encodePing(arena: Arena, n: number): void {
  const lengthAt = beginFrame(arena);
  writeMapHeader(arena, 2);
  writeAsciiStr(arena, "type");
  writeAsciiStr(arena, "ping");
  writeAsciiStr(arena, "n");
  writeUint(arena, n);
  endFrame(arena, lengthAt);
}

interface ControlStart {
  readonly type: "credit" | "cancel";
  readonly pairCount: number;
  readonly id: number;
}

function beginControl(arena: Arena, { type, pairCount, id }: ControlStart): number {
  const lengthAt = beginFrame(arena);
  writeMapHeader(arena, pairCount);
  writeAsciiStr(arena, "type");
  writeAsciiStr(arena, type);
  writeAsciiStr(arena, "id");
  writeUint(arena, id);
  return lengthAt;
}
