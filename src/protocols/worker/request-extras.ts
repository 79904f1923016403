import { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { MSGPACK_TAG } from "../msgpack/msgpack-tag.ts";
import { writeArrayHeader, writeAsciiStr, writeStr, writeStrHeader, writeUint } from "../msgpack/msgpack-writer.ts";
import { FORM_KEY_COUNT } from "./form-encoder.ts";
import { writeRequestFields } from "./request-fields.ts";
import type { RouteMatch } from "./route-announcement.ts";
import { SESSION_KEY_COUNT } from "./session-encoder.ts";

/** What only some requests say. */
export interface RequestExtras {
  /** What TLS says of the client, encoded; null or left out where it says nothing that the app is told. */
  readonly tls?: Buffer | null;
  /** What came behind a body that is sent as a whole, for workers that ask for it; null or left out where nothing did. */
  readonly trailers?: FieldBlock | null;
  /** The entries `route` and `params` with their keys, as `encodeRoute` makes them; null or left out where no route was chosen. */
  readonly route?: Buffer | null;
  /** Where the route of the worker's app is in the table it has announced; null or left out where that is not known. */
  readonly match?: RouteMatch | null;
  /** The entries of a request that asks for a WebSocket, with their keys, as `encodeSessionKeys` makes them; left out of others. */
  readonly session?: Buffer | null;
  /** Where the body is, for a worker that does not get it by value; left out where it does. */
  readonly bodyPlace?: BodyPlace | null;
}

/** The body follows in frames of its own, lies in a file, or was a form: `entries` are what `encodeForm` has made of it. */
export type BodyPlace =
  | { readonly kind: "stream" }
  | { readonly kind: "file"; readonly path: string }
  | { readonly kind: "form"; readonly entries: Buffer };

const KEY_TLS = constantBytes("tls");
const KEY_TRAILERS = constantBytes("trailers");
const KEY_MATCH = constantBytes("match");
const KEY_BODY_STREAM = constantBytes("body_stream");
const KEY_BODY_FILE = constantBytes("body_file");
const ROUTE_KEY_COUNT = 2;

/** How many entries `writeRequestExtras` writes. */
export function countRequestExtras({ tls, trailers, route, match, session, bodyPlace }: RequestExtras): number {
  let keyCount = 0;
  if (tls) keyCount += 1;
  if (trailers && trailers.count > 0) keyCount += 1;
  if (route) keyCount += ROUTE_KEY_COUNT;
  if (match) keyCount += 1;
  if (session) keyCount += SESSION_KEY_COUNT;
  if (bodyPlace) keyCount += bodyPlace.kind === "form" ? FORM_KEY_COUNT : 1;
  return keyCount;
}

/** Appends the entries of a request's map that stand for `extras`, and returns how many there are. */
export function writeRequestExtras(arena: Arena, extras: RequestExtras): number {
  const { tls, trailers, route, match, session, bodyPlace } = extras;
  if (tls) {
    arena.writeBytes(KEY_TLS);
    arena.writeBytes(tls);
  }
  if (trailers && trailers.count > 0) {
    arena.writeBytes(KEY_TRAILERS);
    writeRequestFields(arena, trailers);
  }
  if (route) arena.writeBytes(route);
  if (match) writeMatch(arena, match);
  if (session) arena.writeBytes(session);
  if (bodyPlace) writeBodyPlace(arena, bodyPlace);
  return countRequestExtras(extras);
}

function writeMatch(arena: Arena, { table, index, bytes, ranges }: RouteMatch): void {
  arena.writeBytes(KEY_MATCH);
  writeArrayHeader(arena, 2 + ranges.length / 2);
  writeUint(arena, table);
  writeUint(arena, index);
  for (let at = 0; at < ranges.length; at += 2) {
    const [start, end] = [ranges[at]!, ranges[at + 1]!];
    writeStrHeader(arena, end - start);
    arena.writeBytes(bytes, start, end);
  }
}

function writeBodyPlace(arena: Arena, bodyPlace: BodyPlace): void {
  if (bodyPlace.kind === "stream") {
    arena.writeBytes(KEY_BODY_STREAM);
    arena.writeUint8(MSGPACK_TAG.true);
    return;
  }
  if (bodyPlace.kind === "form") {
    arena.writeBytes(bodyPlace.entries);
    return;
  }
  arena.writeBytes(KEY_BODY_FILE);
  writeStr(arena, bodyPlace.path);
}

/** Texts that never change, encoded once. */
export function constantBytes(...texts: readonly string[]): Buffer {
  const arena = new Arena();
  for (const text of texts) writeAsciiStr(arena, text);
  return arena.copyOut();
}
