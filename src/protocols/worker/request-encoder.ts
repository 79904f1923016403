import { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import type { RequestHead } from "../http/request-head.ts";
import { readUint32 } from "../msgpack/msgpack-number.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import { writeAsciiStr, writeBinHeader, writeStrHeader } from "../msgpack/msgpack-writer.ts";
import { FORM_KEY_COUNT } from "./form-encoder.ts";
import { LENGTH_BYTES } from "./limits.ts";
import { writeRequestFields } from "./request-fields.ts";
import { SESSION_KEY_COUNT } from "./session-encoder.ts";
import { REQUEST_ID_OFFSET, REQUEST_KEY_COUNT, REQUEST_WORKER_ID_OFFSET, requestTemplate } from "./request-template.ts";

const UINT32_MAX = 0xffff_ffff;

/** What a request says of itself beyond its head. */
export interface RequestFacts {
  /** The peer as `ip:port` bytes, made once a connection. */
  readonly remoteAddress: Buffer;
  readonly scheme: "http" | "https";
  /** How long the worker has to answer, in milliseconds. */
  readonly timeoutMs: number;
  /** The engine's version, ASCII. */
  readonly runtimeVersion: string;
  /** What TLS says of the client, encoded; null or left out where it says nothing that the app is told. */
  readonly tls?: Buffer | null;
  /** How the client is connected, for workers that ask for it; null or left out for others. */
  readonly connection?: RequestConnection | null;
  /** What came behind a body that is sent as a whole, for workers that ask for it; null or left out where nothing did. */
  readonly trailers?: FieldBlock | null;
  /** The entries `route` and `params` with their keys, as `encodeRoute` makes them; null or left out where no route was chosen. */
  readonly route?: Buffer | null;
  /** The entries of a request that asks for a WebSocket, with their keys, as `encodeSessionKeys` makes them; left out of others. */
  readonly session?: Buffer | null;
  /** The length of the body, which the caller writes behind the frame; 0 for none. */
  readonly bodyBytes: number;
  /** Where the body is, for a worker that does not get it by value; left out where it does. */
  readonly bodyPlace?: BodyPlace | null;
}

/** What of the client's connection becomes keys of its own (docs/reference/wire.md, W2.63). */
export interface RequestConnection {
  readonly httpVersion: "1.0" | "1.1" | "2" | "3";
  /** What the client has connected to: `ip:port` bytes, or the path of a Unix socket. */
  readonly serverAddress: Buffer;
}

/** The body follows in frames of its own, lies in a file, or was a form: `entries` are what `encodeForm` has made of it. */
export type BodyPlace =
  | { readonly kind: "stream" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "form"; readonly entries: Buffer };

const KEY_URI = constantBytes("uri");
const KEY_PATH = constantBytes("path");
const KEY_QUERY = constantBytes("query");
const KEY_HEADERS = constantBytes("headers");
const KEY_REMOTE_ADDR = constantBytes("remote_addr");
const KEY_HOST = constantBytes("host");
const KEY_TLS = constantBytes("tls");
const KEY_HTTP_VERSION = constantBytes("http_version");
const KEY_SERVER_ADDR = constantBytes("server_addr");
const KEY_TRAILERS = constantBytes("trailers");
const KEY_BODY_STREAM = constantBytes("body_stream");
const KEY_BODY_FILE = constantBytes("body_file");
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
  const keyCount = REQUEST_KEY_COUNT + writeOptionalPairs(facts);
  scratch.writeBytes(SCHEME_AND_KEY_BODY[facts.scheme]);
  writeBinHeader(scratch, Math.min(facts.bodyBytes, UINT32_MAX));

  return frameOf(keyCount, facts.bodyBytes);
}

/** Cuts the frame out of the scratch, with its length and the header of its map. */
function frameOf(keyCount: number, bodyBytes: number): Buffer {
  const { bytes, end } = scratch;
  const widerBy = keyCount > NARROW_COUNT_MAX ? WIDER_BY : 0;
  scratch.setUint32(0, Math.min(end + widerBy - LENGTH_BYTES + bodyBytes, UINT32_MAX));
  const frame = Buffer.allocUnsafe(end + widerBy);
  bytes.copy(frame, 0, 0, MAP_HEADER_OFFSET);
  bytes.copy(frame, MAP_HEADER_OFFSET + widerBy, MAP_HEADER_OFFSET, end);
  if (widerBy === 0) {
    frame[MAP_HEADER_OFFSET] = MSGPACK_TAG.fixMap | keyCount;
  } else {
    frame[MAP_HEADER_OFFSET] = MSGPACK_TAG.map16;
    frame[MAP_HEADER_OFFSET + 1] = keyCount >>> 8;
    frame[MAP_HEADER_OFFSET + 2] = keyCount;
  }
  return frame;
}

/**
 * Fills in who answers what, in a frame that was copied to `bytes` at `frameStart`.
 *
 * @param id a non-negative safe integer.
 * @param workerId an unsigned 32-bit integer.
 */
export function stampRequest(bytes: Buffer, frameStart: number, id: number, workerId: number): void {
  const start = bytes[frameStart + MAP_HEADER_OFFSET] === MSGPACK_TAG.map16 ? frameStart + WIDER_BY : frameStart;
  writeUint32(bytes, start + REQUEST_ID_OFFSET, Math.floor(id / 2 ** 32));
  writeUint32(bytes, start + REQUEST_ID_OFFSET + 4, id);
  writeUint32(bytes, start + REQUEST_WORKER_ID_OFFSET, workerId);
}

/** The bytes that `frame` announces: everything behind its length prefix, the body included. The limit on frames bounds this number. */
export function frameByteLength(frame: Buffer): number {
  return readUint32(frame, 0);
}

/** Returns how many there are. */
function writeOptionalPairs({ connection, tls, trailers, route, session, bodyPlace }: RequestFacts): number {
  let keyCount = 0;
  if (connection) {
    keyCount += 2;
    scratch.writeBytes(KEY_HTTP_VERSION);
    writeAsciiStr(scratch, connection.httpVersion);
    scratch.writeBytes(KEY_SERVER_ADDR);
    writeStr(connection.serverAddress, 0, connection.serverAddress.length);
  }
  if (tls) {
    keyCount += 1;
    scratch.writeBytes(KEY_TLS);
    scratch.writeBytes(tls);
  }
  if (trailers && trailers.count > 0) {
    keyCount += 1;
    scratch.writeBytes(KEY_TRAILERS);
    writeRequestFields(scratch, trailers);
  }
  if (route) {
    keyCount += 2;
    scratch.writeBytes(route);
  }
  if (session) {
    keyCount += SESSION_KEY_COUNT;
    scratch.writeBytes(session);
  }
  if (bodyPlace) {
    keyCount += bodyPlace.kind === "form" ? FORM_KEY_COUNT : 1;
    writeBodyPlace(bodyPlace);
  }
  return keyCount;
}

function writeBodyPlace(bodyPlace: BodyPlace): void {
  if (bodyPlace.kind === "stream") {
    scratch.writeBytes(KEY_BODY_STREAM);
    scratch.writeUint8(MSGPACK_TAG.true);
    return;
  }
  if (bodyPlace.kind === "form") {
    scratch.writeBytes(bodyPlace.entries);
    return;
  }
  const path = Buffer.from(bodyPlace.path);
  scratch.writeBytes(KEY_BODY_FILE);
  writeStr(path, 0, path.length);
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

function constantBytes(...texts: readonly string[]): Buffer {
  const arena = new Arena();
  for (const text of texts) writeAsciiStr(arena, text);
  return Buffer.from(arena.bytes.subarray(0, arena.end));
}
