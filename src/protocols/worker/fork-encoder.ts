import type { Arena } from "../../kernel/arena.ts";
import { writeAsciiStr, writeStr, writeUint } from "../msgpack/msgpack-writer.ts";
import { beginTypedFrame, endFrame } from "./frame-encoder.ts";

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
  const lengthAt = beginTypedFrame(arena, "fork", 5);
  writeAsciiStr(arena, "worker_id");
  writeUint(arena, workerId);
  writeAsciiStr(arena, "sock");
  writeStr(arena, socketPath);
  writeAsciiStr(arena, "max_requests");
  writeUint(arena, requestCountMax);
  writeAsciiStr(arena, "output");
  writeStr(arena, outputPath);
  endFrame(arena, lengthAt);
}
