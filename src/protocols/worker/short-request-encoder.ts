import { Arena } from "../../kernel/arena.ts";
import type { RequestHead } from "../http/request-head.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import {
  writeArrayHeader,
  writeAsciiStr,
  writeBinHeader,
  writeMapHeader,
  writeStrHeader,
} from "../msgpack/msgpack-writer.ts";
import { LENGTH_BYTES } from "./limits.ts";
import type { RequestConnection } from "./request-encoder.ts";
import { countRequestExtras, type RequestExtras, writeRequestExtras } from "./request-extras.ts";
import { writeFieldPairs } from "./request-fields.ts";
import { SHORT_REQUEST_MAP } from "./request-template.ts";

const UINT32_MAX = 0xffff_ffff;
const SPACE = 0x20;
/** Method, path, query, fields, connection, extras, body. */
const VALUE_COUNT = 7;

/** What a short request says of itself beyond its head. */
export interface ShortRequestFacts extends Pick<RequestExtras, "tls" | "trailers" | "route" | "match"> {
  /** The peer as `ip:port` bytes. */
  readonly remoteAddress: Buffer;
  readonly scheme: "http" | "https";
  readonly connection: RequestConnection;
  /** The length of the body, which the caller writes behind the frame; 0 for none. */
  readonly bodyBytes: number;
}

/** What a connection's value was made of, by the buffer with the server's address, which a connection has one of. */
interface KeptConnection extends Pick<ShortRequestFacts, "remoteAddress" | "scheme"> {
  readonly httpVersion: RequestConnection["httpVersion"];
  readonly bytes: Buffer;
}

const connections = new WeakMap<Buffer, KeptConnection>();

/** Where frames are put together before they are cut to size. Shared: encoding never yields. */
const scratch = new Arena(16 * 1024);
const TEMPLATE = encodeTemplate();
const ROOT_PATH = Buffer.from([MSGPACK_TAG.fixStr | 1, 0x2f]);

/**
 * Encodes one request in the form that costs a worker least to read (docs/reference/wire.md, W2.90): as `encodeRequest`, without what such
 * workers have no use for. `id` lies where it does in every request.
 */
export function encodeShortRequest(head: RequestHead, facts: ShortRequestFacts): Buffer {
  const { bytes } = head;
  scratch.truncate(0);
  scratch.writeBytes(TEMPLATE);
  writeStr(bytes, head.methodStart, head.methodEnd);
  if (head.pathStart === head.pathEnd) scratch.writeBytes(ROOT_PATH);
  else writeStr(bytes, head.pathStart, head.pathEnd);
  writeStr(bytes, head.queryStart, head.queryEnd);
  writeFieldPairs(scratch, head.fields);
  writeConnection(facts);
  const extraCount = countRequestExtras(facts);
  if (extraCount === 0) {
    scratch.writeUint8(MSGPACK_TAG.nil);
  } else {
    writeMapHeader(scratch, extraCount);
    writeRequestExtras(scratch, facts);
  }
  writeBinHeader(scratch, Math.min(facts.bodyBytes, UINT32_MAX));
  const { end } = scratch;
  scratch.setUint32(0, Math.min(end - LENGTH_BYTES + facts.bodyBytes, UINT32_MAX));
  return scratch.copyOut();
}

/** One value for what is the same in every request of a connection: whoever reads it can keep what it means, and here it is kept encoded. */
function writeConnection(facts: ShortRequestFacts): void {
  const { remoteAddress, scheme, connection } = facts;
  const { httpVersion, serverAddress } = connection;
  const kept = connections.get(serverAddress);
  const isSame = kept?.remoteAddress === remoteAddress && kept.httpVersion === httpVersion && kept.scheme === scheme;
  if (kept !== undefined && isSame) {
    scratch.writeBytes(kept.bytes);
    return;
  }
  const start = scratch.end;
  encodeConnection(facts);
  // Behind a proxy each request may be another client's: then the first one's is kept for nothing, and none after it.
  if (kept !== undefined) return;
  const bytes = Buffer.from(scratch.bytes.subarray(start, scratch.end));
  connections.set(serverAddress, { remoteAddress, scheme, httpVersion, bytes });
}

function encodeConnection({ scheme, remoteAddress, connection }: ShortRequestFacts): void {
  const { httpVersion, serverAddress } = connection;
  const start = `${scheme} ${httpVersion} `;
  writeStrHeader(scratch, start.length + remoteAddress.length + 1 + serverAddress.length);
  scratch.writeLatin1(start);
  scratch.writeBytes(remoteAddress);
  scratch.writeUint8(SPACE);
  scratch.writeBytes(serverAddress);
}

function writeStr(source: Buffer, start: number, end: number): void {
  writeStrHeader(scratch, end - start);
  scratch.writeBytes(source, start, end);
}

/** An empty length, the map's header, `id` with room for its value, the key `request` and the header of its array. */
function encodeTemplate(): Buffer {
  const arena = new Arena();
  arena.writeUint32(0);
  arena.writeUint8(SHORT_REQUEST_MAP);
  writeAsciiStr(arena, "id");
  arena.writeUint8(MSGPACK_TAG.uint64);
  arena.writeUint32(0);
  arena.writeUint32(0);
  writeAsciiStr(arena, "request");
  writeArrayHeader(arena, VALUE_COUNT);
  return arena.copyOut();
}
