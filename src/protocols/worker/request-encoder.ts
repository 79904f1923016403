import { Arena } from "../../kernel/arena.ts";
import type { RequestHead } from "../http/request-head.ts";
import { readUint32 } from "../msgpack/msgpack-number.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import { writeAsciiStr, writeBinHeader, writeStrHeader } from "../msgpack/msgpack-writer.ts";
import { LENGTH_BYTES } from "./limits.ts";
import { constantBytes, type RequestExtras, writeRequestExtras } from "./request-extras.ts";
import { writeRequestFields } from "./request-fields.ts";
import {
  REQUEST_ID_OFFSET,
  REQUEST_KEY_COUNT,
  REQUEST_WORKER_ID_OFFSET,
  requestTemplate,
  SHORT_REQUEST_MAP,
} from "./request-template.ts";

const UINT32_MAX = 0xffff_ffff;

/** What a request says of itself beyond its head. */
export interface RequestFacts extends RequestExtras {
  /** The peer as `ip:port` bytes, made once a connection. */
  readonly remoteAddress: Buffer;
  readonly scheme: "http" | "https";
  /** How long the worker has to answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The engine's version, ASCII. */
  readonly runtimeVersion: string;
  /** How the client is connected, for workers that ask for it; null or left out for others. */
  readonly connection?: RequestConnection | null;
  /** The length of the body, which the caller writes behind the frame; 0 for none. */
  readonly bodyBytes: number;
}

/** What of the client's connection becomes keys of its own (docs/reference/wire.md, W2.63). */
export interface RequestConnection {
  readonly httpVersion: "1.0" | "1.1" | "2" | "3";
  /** What the client has connected to: `ip:port` bytes, or the path of a Unix socket. */
  readonly serverAddress: Buffer;
}

const KEY_URI = constantBytes("uri");
const KEY_PATH = constantBytes("path");
const KEY_QUERY = constantBytes("query");
const KEY_HEADERS = constantBytes("headers");
const KEY_REMOTE_ADDR = constantBytes("remote_addr");
const KEY_HOST = constantBytes("host");
const KEY_HTTP_VERSION = constantBytes("http_version");
const KEY_SERVER_ADDR = constantBytes("server_addr");
const SCHEME_AND_KEY_BODY = {
  http: constantBytes("scheme", "http", "body"),
  https: constantBytes("scheme", "https", "body"),
} as const;
/** Where the request map's header lies: one byte, or three for a map of more than 15 keys, behind which everything is moved on by two. */
const MAP_HEADER_OFFSET = LENGTH_BYTES;
const WIDER_BY = 2;
const NARROW_COUNT_MAX = 15;
const ROOT_PATH = constantBytes("/");

/** Where frames are put together before they are cut to size. Shared: encoding never yields. */
const scratch = new Arena(16 * 1024);

/**
 * Encodes one request (docs/reference/wire.md, W1.20 to W1.35) from the offsets of its head, without a string on the way: length, map,
 * and the header of its body, whose `facts.bodyBytes` bytes the caller sends behind it. `id` and `worker_id` are left 0 for
 * `stampRequest`, because they are known only when a worker is.
 *
 * A body that no frame can announce makes the length 2^32-1, which is over every limit: nothing of it is ever sent.
 */
export function encodeRequest(head: RequestHead, facts: RequestFacts): Buffer {
  const { bytes } = head;
  scratch.truncate(0);
  scratch.writeBytes(requestTemplate(facts.timeoutMs, facts.runtimeVersion));
  writeStr(bytes, head.methodStart, head.methodEnd);
  scratch.writeBytes(KEY_URI);
  writeStr(bytes, head.targetStart, head.targetEnd);
  scratch.writeBytes(KEY_PATH);
  if (head.pathStart === head.pathEnd) scratch.writeBytes(ROOT_PATH);
  else writeStr(bytes, head.pathStart, head.pathEnd);
  scratch.writeBytes(KEY_QUERY);
  writeStr(bytes, head.queryStart, head.queryEnd);
  scratch.writeBytes(KEY_HEADERS);
  writeRequestFields(scratch, head.fields);
  scratch.writeBytes(KEY_REMOTE_ADDR);
  writeStr(facts.remoteAddress, 0, facts.remoteAddress.length);
  scratch.writeBytes(KEY_HOST);
  writeStr(bytes, head.authorityStart, head.authorityEnd);
  const keyCount = REQUEST_KEY_COUNT + writeConnection(facts.connection ?? null) + writeRequestExtras(scratch, facts);
  scratch.writeBytes(SCHEME_AND_KEY_BODY[facts.scheme]);
  writeBinHeader(scratch, Math.min(facts.bodyBytes, UINT32_MAX));

  return frameOf(keyCount, facts.bodyBytes);
}

/** Cuts the frame out of the scratch, with its length and the header of its map. */
function frameOf(keyCount: number, bodyBytes: number): Buffer {
  const isWide = keyCount > NARROW_COUNT_MAX;
  const frameBytes = scratch.end + (isWide ? WIDER_BY : 0) + bodyBytes;
  scratch.setUint32(0, Math.min(frameBytes - LENGTH_BYTES, UINT32_MAX));
  if (isWide) return wideFrameOf(keyCount);
  scratch.bytes[MAP_HEADER_OFFSET] = MSGPACK_TAG.fixMap | keyCount;
  return scratch.copyOut();
}

function wideFrameOf(keyCount: number): Buffer {
  const { bytes, end } = scratch;
  const frame = Buffer.allocUnsafeSlow(end + WIDER_BY);
  bytes.copy(frame, 0, 0, MAP_HEADER_OFFSET);
  bytes.copy(frame, MAP_HEADER_OFFSET + WIDER_BY, MAP_HEADER_OFFSET, end);
  frame[MAP_HEADER_OFFSET] = MSGPACK_TAG.map16;
  frame[MAP_HEADER_OFFSET + 1] = keyCount >>> 8;
  frame[MAP_HEADER_OFFSET + 2] = keyCount;
  return frame;
}

/**
 * Fills in who answers what, in a frame that was copied to `bytes` at `frameStart`. A short request has no worker's id.
 *
 * @param id a non-negative safe integer.
 * @param workerId an unsigned 32-bit integer.
 */
export function stampRequest(bytes: Buffer, frameStart: number, id: number, workerId: number): void {
  const mapHeader = bytes[frameStart + MAP_HEADER_OFFSET]!;
  const start = mapHeader === MSGPACK_TAG.map16 ? frameStart + WIDER_BY : frameStart;
  writeUint32(bytes, start + REQUEST_ID_OFFSET, Math.floor(id / 2 ** 32));
  writeUint32(bytes, start + REQUEST_ID_OFFSET + 4, id);
  if (mapHeader === SHORT_REQUEST_MAP) return;
  writeUint32(bytes, start + REQUEST_WORKER_ID_OFFSET, workerId);
}

/** The bytes that `frame` announces: everything behind its length prefix, the body included. The limit on frames bounds this number. */
export function frameByteLength(frame: Buffer): number {
  return readUint32(frame, 0);
}

/** Returns how many entries that were. */
function writeConnection(connection: RequestConnection | null): number {
  if (connection === null) return 0;
  scratch.writeBytes(KEY_HTTP_VERSION);
  writeAsciiStr(scratch, connection.httpVersion);
  scratch.writeBytes(KEY_SERVER_ADDR);
  writeStr(connection.serverAddress, 0, connection.serverAddress.length);
  return 2;
}

function writeStr(source: Buffer, start: number, end: number): void {
  writeStrHeader(scratch, end - start);
  scratch.writeBytes(source, start, end);
}

function writeUint32(bytes: Buffer, at: number, value: number): void {
  bytes[at] = value >>> 24;
  bytes[at + 1] = value >>> 16;
  bytes[at + 2] = value >>> 8;
  bytes[at + 3] = value;
}
