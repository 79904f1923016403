import { describeError } from "./describe-error.ts";
import type { EngineLink } from "./engine-link.ts";
import type { FrameWriter } from "./frame-writer.ts";

/** Names one answer on the connection. */
export interface FrameTarget {
  readonly id: number;
  readonly link: EngineLink;
}

/** Sends a response in one frame. @throws {FrameTooLargeError} */
export function sendWhole(
  { id, link }: FrameTarget,
  { status, headers }: ResponseHead,
  body: Uint8Array | string,
): void {
  const { writer } = link;
  writer.begin(4);
  writeId(writer, id);
  writeStatus(writer, status);
  writeHeaders(writer, headers);
  writer.key("body");
  if (typeof body === "string") writer.text(body);
  else writer.bin(body);
  writer.end();
  link.flushSoon();
}

/** The part of a response that comes before its body. */
export type ResponseHead = Pick<Response, "status" | "headers">;

/** Begins a response in parts; `byteLength` is that of its body where it is known. */
export function sendHead(
  { id, link }: FrameTarget,
  { status, headers }: ResponseHead,
  byteLength: number | null = null,
): void {
  const { writer } = link;
  writer.begin(4);
  writeType(writer, "head");
  writeId(writer, id);
  writeStatus(writer, status);
  writeHeaders(writer, headers, byteLength === null || headers.has("content-length") ? null : String(byteLength));
  writer.end();
  link.flushSoon();
}

/** Sends the next bytes of a body, for which there is credit. */
export function sendChunk({ id, link }: FrameTarget, bytes: Uint8Array): void {
  const { writer } = link;
  writer.begin(3);
  writeType(writer, "chunk");
  writeId(writer, id);
  writer.key("body");
  writer.bin(bytes);
  writer.end();
  link.flushSoon();
}

/** Has the client told that the app has failed, and the log why. */
export function sendError({ id, link }: FrameTarget, error: unknown): void {
  const { writer } = link;
  writer.begin(2);
  writeId(writer, id);
  writer.key("error");
  writer.text(describeError(error));
  writer.end();
  link.flushSoon();
}

/** Sends early hints. */
export function sendInterim({ id, link }: FrameTarget, headers: Headers): void {
  const { writer } = link;
  writer.begin(4);
  writeType(writer, "interim");
  writeId(writer, id);
  writeStatus(writer, 103);
  writeHeaders(writer, headers);
  writer.end();
  link.flushSoon();
}

/** Accepts a WebSocket. */
export function sendSwitch({ id, link }: FrameTarget, headers: Headers, protocol: string | undefined): void {
  const { writer } = link;
  writer.begin(protocol === undefined ? 4 : 5);
  writeType(writer, "head");
  writeId(writer, id);
  writeStatus(writer, 101);
  writeHeaders(writer, headers);
  if (protocol !== undefined) {
    writer.key("protocol");
    writer.text(protocol);
  }
  writer.end();
  link.flushSoon();
}

function writeType(writer: FrameWriter, type: string): void {
  writer.key("type");
  writer.text(type);
}

function writeId(writer: FrameWriter, id: number): void {
  writer.key("id");
  writer.uint(id);
}

function writeStatus(writer: FrameWriter, status: number): void {
  writer.key("status");
  writer.uint(status);
}

function writeHeaders(writer: FrameWriter, headers: Headers, contentLength: string | null = null): void {
  const cookies = headers.getSetCookie();
  const others: [string, string][] = [];
  for (const pair of headers) if (pair[0] !== "set-cookie") others.push(pair);
  if (contentLength !== null) others.push(["content-length", contentLength]);
  writer.key("headers");
  writer.map(others.length + (cookies.length === 0 ? 0 : 1));
  for (const [name, value] of others) {
    writer.headerText(canonical(name));
    writer.headerText(value);
  }
  if (cookies.length === 0) return;
  writer.text("Set-Cookie");
  writer.array(cookies.length);
  for (const cookie of cookies) writer.headerText(cookie);
}

const CANONICAL_NAMES = new Map<string, string>();
const CANONICAL_COUNT_MAX = 1_000;

/** The platform writes names in lower case; people and tools look for `Content-Type`. */
function canonical(name: string): string {
  let known = CANONICAL_NAMES.get(name);
  if (known === undefined) {
    known = name.replace(/(?:^|-)[a-z]/g, (letter) => letter.toUpperCase());
    if (CANONICAL_NAMES.size < CANONICAL_COUNT_MAX) CANONICAL_NAMES.set(name, known);
  }
  return known;
}
