import type { Arena } from "../../kernel/arena.ts";
import { writeAsciiStr, writeMapHeader, writeStrHeader, writeUint } from "../msgpack/msgpack-writer.ts";
import { beginFrame, endFrame } from "./frame-encoder.ts";

/** What a worker is forked with. docs/reference/wire.md, W2.67. */
export interface ForkOrder {
  readonly workerId: number;
  /** The socket it connects to, as `--sock` names it for one that is executed. */
  readonly socketPath: string;
  /** Requests it gets at most, as `--max-requests` says. */
  readonly requestCountMax: number;
  /** The socket that takes its STDOUT as its first connection and its STDERR as its second one. */
  readonly outputPath: string;
}

/** Appends the frame that has a prototype fork a worker: `{type: "fork", worker_id, sock, max_requests, output}`. */
export function encodeFork(arena: Arena, { workerId, socketPath, requestCountMax, outputPath }: ForkOrder): void {
  const lengthAt = beginFrame(arena);
  writeMapHeader(arena, 5);
  writeAsciiStr(arena, "type");
  writeAsciiStr(arena, "fork");
  writeAsciiStr(arena, "worker_id");
  writeUint(arena, workerId);
  writeAsciiStr(arena, "sock");
  writeText(arena, socketPath);
  writeAsciiStr(arena, "max_requests");
  writeUint(arena, requestCountMax);
  writeAsciiStr(arena, "output");
  writeText(arena, outputPath);
  endFrame(arena, lengthAt);
}

function writeText(arena: Arena, text: string): void {
  const bytes = Buffer.from(text);
  writeStrHeader(arena, bytes.length);
  arena.writeBytes(bytes);
}
