import { Arena } from "../../kernel/arena.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import {
  writeArrayHeader,
  writeAsciiStr,
  writeBinHeader,
  writeMapHeader,
  writeStrHeader,
  writeUint,
} from "../msgpack/msgpack-writer.ts";
import { LENGTH_BYTES } from "./limits.ts";
import type { ByteRange } from "./socket-action.ts";

/** The keys that every event has: `id`, `worker_id`, `timeout_ms`, `runtime_version`, `type`, `socket`. */
const COMMON_KEY_COUNT = 6;

/** What an event says of itself beyond what has happened. */
export interface SocketEventFacts {
  /** ASCII, 1 to 64 bytes. */
  readonly socket: string;
  /** How long the worker has to answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The engine's version, ASCII. */
  readonly runtimeVersion: string;
}

/** What the worker knows a socket by, from its open on. */
export interface SocketMemory {
  /** The path that was asked for, as it was received. */
  readonly path: Buffer;
  /** The subprotocol that was chosen, ASCII; `null` for none. */
  readonly protocol: string | null;
  /** What the worker has kept with it; empty for nothing. */
  readonly state: Buffer;
}

const NO_DATA: ByteRange = { bytes: Buffer.alloc(0), start: 0, end: 0 };

/** Where frames are put together before they are cut to size. Shared: encoding never yields. */
const scratch = new Arena(16 * 1024);

/**
 * Encodes the event that a client asks for a WebSocket (docs/reference/wire.md, W2.41).
 *
 * @param request the frame of its request, as `encodeRequest` makes it, without a body.
 * @param protocols the subprotocols that it offers, ASCII.
 */
export function encodeSocketOpen(facts: SocketEventFacts, request: Buffer, protocols: readonly string[]): Buffer {
  beginEvent(facts, "ws_open", 2);
  writeAsciiStr(scratch, "protocols");
  writeArrayHeader(scratch, protocols.length);
  for (const protocol of protocols) writeAsciiStr(scratch, protocol);
  writeAsciiStr(scratch, "request");
  scratch.writeBytes(request, LENGTH_BYTES, request.length);
  return endEvent();
}

/** Encodes the event of one whole message, whose bytes are copied (W2.42). */
export function encodeSocketMessage(
  facts: SocketEventFacts,
  memory: SocketMemory,
  message: { readonly isBinary: boolean } & ByteRange,
): Buffer {
  beginEvent(facts, "ws_message", 5);
  writeMemory(memory);
  writeAsciiStr(scratch, "binary");
  writeBoolean(message.isBinary);
  writeAsciiStr(scratch, "data");
  writeBinHeader(scratch, message.end - message.start);
  return endEvent(message);
}

/** Encodes the last event of a socket: how it has ended (W2.43). */
export function encodeSocketClose(
  facts: SocketEventFacts,
  memory: SocketMemory,
  end: { readonly code: number; readonly reason: string; readonly isClean: boolean },
): Buffer {
  beginEvent(facts, "ws_close", 6);
  writeMemory(memory);
  writeAsciiStr(scratch, "code");
  writeUint(scratch, end.code);
  writeAsciiStr(scratch, "reason");
  writeStr(Buffer.from(end.reason));
  writeAsciiStr(scratch, "clean");
  writeBoolean(end.isClean);
  return endEvent();
}

/** The first keys lie where those of a request do, so that `stampRequest` fills them in. */
function beginEvent({ socket, timeoutMs, runtimeVersion }: SocketEventFacts, type: string, keyCount: number): void {
  scratch.truncate(0);
  scratch.writeUint32(0);
  writeMapHeader(scratch, COMMON_KEY_COUNT + keyCount);
  writeAsciiStr(scratch, "id");
  scratch.writeUint8(MSGPACK_TAG.uint64);
  scratch.writeUint32(0);
  scratch.writeUint32(0);
  writeAsciiStr(scratch, "worker_id");
  scratch.writeUint8(MSGPACK_TAG.uint32);
  scratch.writeUint32(0);
  writeAsciiStr(scratch, "timeout_ms");
  writeUint(scratch, timeoutMs);
  writeAsciiStr(scratch, "runtime_version");
  writeAsciiStr(scratch, runtimeVersion);
  writeAsciiStr(scratch, "type");
  writeAsciiStr(scratch, type);
  writeAsciiStr(scratch, "socket");
  writeAsciiStr(scratch, socket);
}

function writeMemory({ path, protocol, state }: SocketMemory): void {
  writeAsciiStr(scratch, "path");
  writeStr(path);
  writeAsciiStr(scratch, "protocol");
  writeAsciiStr(scratch, protocol ?? "");
  writeAsciiStr(scratch, "state");
  writeBinHeader(scratch, state.length);
  scratch.writeBytes(state);
}

function writeStr(bytes: Buffer): void {
  writeStrHeader(scratch, bytes.length);
  scratch.writeBytes(bytes);
}

function writeBoolean(value: boolean): void {
  scratch.writeUint8(value ? MSGPACK_TAG.true : MSGPACK_TAG.false);
}

/** @param data what follows the scratch; copied past it, so that a large message does not make it large for ever. */
function endEvent(data: ByteRange = NO_DATA): Buffer {
  const headBytes = scratch.byteLength;
  const dataBytes = data.end - data.start;
  const event = Buffer.allocUnsafe(headBytes + dataBytes);
  scratch.bytes.copy(event, 0, scratch.start, scratch.end);
  data.bytes.copy(event, headBytes, data.start, data.end);
  event.writeUInt32BE(headBytes + dataBytes - LENGTH_BYTES, 0);
  return event;
}
