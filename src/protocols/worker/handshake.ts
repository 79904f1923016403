import type { Arena } from "../../kernel/arena.ts";
import type { Segments } from "../../kernel/segments.ts";
import { quote } from "../../base/printable.ts";
import { writeArrayHeader, writeAsciiStr, writeUint } from "../msgpack/msgpack-writer.ts";
import type { WorkerFeature } from "./features.ts";
import { beginTypedFrame, endFrame } from "./frame-encoder.ts";
import type { RouteAnnouncement } from "./route-announcement.ts";
import { WorkerProtocolError } from "./worker-protocol-error.ts";

/** What the engine writes as soon as a worker has connected: raw, without a frame. */
export const HANDSHAKE: Buffer = Buffer.from("NARYA1", "latin1");

/** What the worker answers: raw, without a frame. Frames follow, both ways. */
export const HANDSHAKE_OK: Buffer = Buffer.from("OK", "latin1");

/** The level of the protocol that a welcome offers. */
export const PROTOCOL_LEVEL = 2;

/** Bytes of a wrong answer that are worth showing. */
const SHOWN_BYTES = 32;

/** What a worker of level 2 tells of itself before anything else. */
export interface WorkerHello {
  /** The highest level it speaks, at least 2. */
  readonly level: number;
  /** The name and version of its SDK: printable ASCII, 1 to 64 bytes. */
  readonly sdk: string;
  /** What it can do beyond its level: at most 32 names of `a–z`, `0–9`, `.`, `_`, `-`, 1 to 32 bytes each. */
  readonly features: readonly string[];
  /** How many requests it runs at a time, at least 1. */
  readonly concurrency: number;
  /** The routes of its app, for the engine to find; null where it tells none. */
  readonly routes: RouteAnnouncement | null;
}

/** The bounds of one connection. */
export interface EngineLimits {
  /** How many bytes a frame may announce, either way. */
  readonly frameBytesMax: number;
  /** How many bytes of a streamed response a worker may send before the client has taken any of them. */
  readonly streamCreditBytes: number;
}

/** What a worker of level 2 is told to keep to. */
export interface Welcome extends EngineLimits {
  /** How many requests it has unanswered at most, at least 1. */
  readonly concurrency: number;
  /** Those of its features that hold. */
  readonly features: readonly WorkerFeature[];
}

/**
 * Reads the worker's answer to the handshake and leaves what follows it in `segments`.
 *
 * @throws {WorkerProtocolError} from the first byte that is not part of `OK`.
 */
export function decodeHandshake(segments: Segments): "accepted" | "incomplete" {
  const { bytes, start, end } = segments;
  const count = Math.min(end - start, HANDSHAKE_OK.length);
  for (let index = 0; index < count; index++) {
    if (bytes[start + index] === HANDSHAKE_OK[index]) continue;
    const shown = bytes.toString("latin1", start, Math.min(end, start + SHOWN_BYTES));
    throw new WorkerProtocolError(
      "VILYA_WORKER_HANDSHAKE_REFUSED",
      `Cannot start a worker: it answered the handshake with ${quote(shown)}, only "OK" is allowed`,
    );
  }
  if (count < HANDSHAKE_OK.length) return "incomplete";
  segments.consume(HANDSHAKE_OK.length);
  return "accepted";
}

/** Appends the frame that answers a hello: `{type: "welcome", level, frame_bytes_max, stream_credit, concurrency, features}`. */
export function encodeWelcome(arena: Arena, welcome: Welcome): void {
  const lengthAt = beginTypedFrame(arena, "welcome", 6);
  writeAsciiStr(arena, "level");
  writeUint(arena, PROTOCOL_LEVEL);
  writeAsciiStr(arena, "frame_bytes_max");
  writeUint(arena, welcome.frameBytesMax);
  writeAsciiStr(arena, "stream_credit");
  writeUint(arena, welcome.streamCreditBytes);
  writeAsciiStr(arena, "concurrency");
  writeUint(arena, welcome.concurrency);
  writeAsciiStr(arena, "features");
  writeArrayHeader(arena, welcome.features.length);
  for (const feature of welcome.features) writeAsciiStr(arena, feature);
  endFrame(arena, lengthAt);
}

/**
 * Appends the frame that asks a worker of level 2 to finish what it runs and leave: `{type: "stop"}`.
 *
 * @param graceMs how long it has before it is killed, in milliseconds; left out where no time is set.
 */
export function encodeStop(arena: Arena, graceMs?: number): void {
  const lengthAt = beginTypedFrame(arena, "stop", graceMs === undefined ? 1 : 2);
  if (graceMs !== undefined) {
    writeAsciiStr(arena, "grace_ms");
    writeUint(arena, graceMs);
  }
  endFrame(arena, lengthAt);
}
