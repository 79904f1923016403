import type { Credit } from "./credit.ts";
import type { EngineLink } from "./engine-link.ts";
import type { FrameWriter } from "./frame-writer.ts";

/** Where a response goes. */
export interface ResponseTarget {
  readonly id: number;
  readonly link: EngineLink;
  /** What the engine grants for its body. */
  readonly credit: Credit;
}

/** Chunks of a body in parts are no larger, so that credit is given back in time. */
const CHUNK_BYTES_MAX = 65_536;

const NO_BYTES = new Uint8Array(0);

/**
 * Sends a response: in one frame when its body is there at once, else in parts as they come. Resolves when the last of it is written or the
 * client has left.
 *
 * @throws what the body throws, before anything was sent; later, the response is cut.
 */
export async function sendResponse(target: ResponseTarget, response: Response): Promise<void> {
  const { body } = response;
  if (body === null) {
    sendWhole(target, response, NO_BYTES);
    return;
  }
  const reader = body.getReader();
  const first = await reader.read();
  if (first.done) {
    sendWhole(target, response, NO_BYTES);
    return;
  }
  const next = reader.read();
  // A body that was made of text or bytes has its end in the same turn.
  const soon = await Promise.race([next, nextTurn()]);
  if (soon?.done === true) sendWhole(target, response, toBytes(first.value));
  else await sendParts(target, response, { first: toBytes(first.value), next, reader });
}

/** Sends a response that the app has no part in. */
export function sendText(target: ResponseTarget, status: number, text: string): void {
  sendWhole(target, new Response(null, { status, headers: { "content-type": "text/plain" } }), Buffer.from(text));
}

/** Has the client told that the app has failed, and the log why. */
export function sendError({ id, link }: ResponseTarget, error: unknown): void {
  const { writer } = link;
  writer.begin(2);
  writeId(writer, id);
  writer.key("error");
  writer.text(describeError(error));
  writer.end();
  link.flushSoon();
}

/** Sends early hints. */
export function sendInterim({ id, link }: ResponseTarget, headers: Headers): void {
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
export function sendSwitch({ id, link }: ResponseTarget, headers: Headers, protocol: string | undefined): void {
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

/** With the stack, as it goes to the log. */
export function describeError(error: unknown): string {
  return error instanceof Error ? (error.stack ?? String(error)) : `The app threw ${String(error)}`;
}

function sendWhole({ id, link }: ResponseTarget, response: Response, body: Uint8Array): void {
  const { writer } = link;
  writer.begin(4);
  writeId(writer, id);
  writeStatus(writer, response.status);
  writeHeaders(writer, response.headers);
  writer.key("body");
  writer.bin(body);
  writer.end();
  link.flushSoon();
}

interface Parts {
  readonly first: Uint8Array;
  readonly next: Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  readonly reader: Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;
}

async function sendParts(target: ResponseTarget, response: Response, { first, next, reader }: Parts): Promise<void> {
  const { id, link, credit } = target;
  const { writer } = link;
  writer.begin(4);
  writeType(writer, "head");
  writeId(writer, id);
  writeStatus(writer, response.status);
  writeHeaders(writer, response.headers);
  writer.end();
  link.flushSoon();
  let failure: unknown = null;
  try {
    await sendChunks(target, first);
    for (let part = await next; !part.done && !credit.isClosed; part = await reader.read()) {
      await sendChunks(target, toBytes(part.value));
    }
    // W2.14: the end, too, waits for the first word of the engine.
    await credit.available();
  } catch (error) {
    failure = error;
  }
  if (credit.isClosed) await reader.cancel().catch(() => {});
  link.sendEnd(id, failure === null ? null : describeError(failure));
}

async function sendChunks({ id, link, credit }: ResponseTarget, bytes: Uint8Array): Promise<void> {
  const { writer } = link;
  for (let at = 0; at < bytes.length;) {
    await credit.available();
    if (credit.isClosed) return;
    const byteCount = Math.min(bytes.length - at, credit.bytes, CHUNK_BYTES_MAX);
    credit.spend(byteCount);
    writer.begin(3);
    writeType(writer, "chunk");
    writeId(writer, id);
    writer.key("body");
    writer.bin(bytes.subarray(at, at + byteCount));
    writer.end();
    link.flushSoon();
    at += byteCount;
  }
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

function writeHeaders(writer: FrameWriter, headers: Headers): void {
  const cookies = headers.getSetCookie();
  const others: [string, string][] = [];
  for (const pair of headers) if (pair[0] !== "set-cookie") others.push(pair);
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

/** Some runtimes let a stream carry text. */
function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  return Buffer.from(String(chunk));
}

function nextTurn(): Promise<null> {
  return new Promise((resolve) => {
    setImmediate(resolve, null);
  });
}
