import type { Credit } from "./credit.ts";
import { describeError } from "./describe-error.ts";
import { knownLength } from "./body-length.ts";
import { type FrameTarget, type ResponseHead, sendChunk, sendHead, sendWhole } from "./response-frames.ts";
import { fieldsOf, textOf } from "./text-response.ts";

/** Where a response goes. */
export interface ResponseTarget extends FrameTarget {
  /** What the engine grants for its body. */
  readonly credit: Credit;
  /** What follows its body, which goes in parts then; `null` for nothing, so far. */
  readonly trailers: Headers | null;
  /** The head of a response in parts has been written. */
  onHead(): void;
}

/** Chunks of a body in parts are no larger, so that credit is given back in time. */
const CHUNK_BYTES_MAX = 65_536;

/** The headers of a response that comes in one frame have at least this part of it; larger bodies go in parts. */
const HEADERS_SHARE = 0.1;

/** Of one UTF-16 unit. */
const UTF8_BYTES_MAX = 3;

const NO_BYTES = new Uint8Array(0);

type Reader = Pick<ReadableStreamDefaultReader<Uint8Array>, "read" | "cancel">;
type Part = Awaited<ReturnType<Reader["read"]>>;

/**
 * Sends a response: in one frame when its body is there at once, else in parts as they come.
 *
 * @returns resolves when the last of it is written or the client has left; `null` when that is so already.
 * @throws what the body throws before anything was sent; later, the response is cut.
 */
export function sendResponse(target: ResponseTarget, response: Response): Promise<void> | null {
  const text = target.credit.isClosed || target.trailers !== null ? null : textOf(response);
  if (text === null || text.length * UTF8_BYTES_MAX > wholeBytesMax(target)) return sendFromStream(target, response);
  sendWhole(target, headOf(response), text);
  return null;
}

async function sendFromStream(target: ResponseTarget, response: Response): Promise<void> {
  void response.headers; // Bun makes them now, with the type of the body, which it forgets when that becomes a stream.
  const { body } = response;
  if (target.credit.isClosed) {
    // The client has left: nobody learns more than that it is over.
    void body?.cancel().catch(() => {});
    target.link.sendEnd(target.id);
  } else if (body === null && target.trailers === null) sendWhole(target, headOf(response), NO_BYTES);
  else await sendBody(target, response, (body ?? new Blob().stream()).getReader());
}

async function sendBody(target: ResponseTarget, response: Response, reader: Reader): Promise<void> {
  const firstRead = reader.read();
  const first = await soonOf(firstRead);
  // A body that was made of bytes has its end in the same turn.
  const nextRead = first === null || first.done ? firstRead : reader.read();
  const next = first === null || first.done ? first : await soonOf(nextRead);
  if (first === null || next?.done !== true || target.trailers !== null) {
    const begun = first === null || first.done ? null : toBytes(first.value);
    const byteLength = target.trailers === null ? knownLength(response) : null;
    sendHead(target, headOf(response), byteLength);
    await sendParts(target, { begun, nextRead, reader, byteLength });
    return;
  }
  const bytes = first.done ? NO_BYTES : toBytes(first.value);
  if (bytes.length <= wholeBytesMax(target)) {
    sendWhole(target, headOf(response), bytes);
    return;
  }
  sendHead(target, headOf(response), bytes.length);
  await sendParts(target, { begun: bytes, nextRead, reader, byteLength: null });
}

function headOf(response: Response): ResponseHead {
  return { status: response.status, fields: fieldsOf(response) };
}

function wholeBytesMax({ link }: ResponseTarget): number {
  return link.frameBytesMax * (1 - HEADERS_SHARE);
}

interface Parts {
  /** What has been read of the body. */
  readonly begun: Uint8Array | null;
  readonly nextRead: Promise<Part>;
  readonly reader: Reader;
  /** Of the whole body, as the head says; `null` where it does not. */
  readonly byteLength: number | null;
}

async function sendParts(target: ResponseTarget, { begun, nextRead, reader, byteLength }: Parts): Promise<void> {
  const { id, link, credit } = target;
  target.onHead();
  // Who waits for the body's next part learns at once that nobody wants it: the engine does not wait long for the end.
  credit.onClose = () => void reader.cancel().catch(() => {});
  nextRead.catch(() => {}); // It is awaited below, perhaps much later.
  let failure: string | null = null;
  let leftBytes = byteLength ?? Infinity;
  try {
    if (begun !== null) leftBytes -= await sendChunks(target, begun, leftBytes);
    for (let part = await nextRead; !part.done && !credit.isClosed; part = await reader.read()) {
      leftBytes -= await sendChunks(target, toBytes(part.value), leftBytes);
    }
    if (byteLength !== null && leftBytes > 0 && !credit.isClosed)
      failure = `Cannot send a body: it has ended ${leftBytes} bytes early`;
  } catch (error) {
    failure = describeError(error);
    void reader.cancel().catch(() => {});
  }
  // W2.14: the end, too, waits for the first word of the engine.
  await credit.begun();
  link.sendEnd(id, credit.isClosed ? null : failure, target.trailers);
}

/** Sends at most `byteCountMax` of them: a file may have grown since its length was said. Returns how many. */
async function sendChunks(target: ResponseTarget, given: Uint8Array, byteCountMax: number): Promise<number> {
  const { credit } = target;
  const bytes = given.subarray(0, byteCountMax);
  for (let at = 0; at < bytes.length;) {
    await credit.available();
    if (credit.isClosed) break;
    const byteCount = Math.min(bytes.length - at, credit.bytes, CHUNK_BYTES_MAX);
    credit.spend(byteCount);
    sendChunk(target, bytes.subarray(at, at + byteCount));
    at += byteCount;
  }
  return bytes.length;
}

/** Some runtimes let a stream carry text. */
function toBytes(chunk: unknown): Uint8Array {
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (typeof chunk === "string") return Buffer.from(chunk);
  throw new TypeError(`Cannot send a part of a body: it is of type ${typeof chunk}, text and bytes are allowed`);
}

/** What has been read, if it is there by the end of this turn of the event loop; else `null`. */
function soonOf(read: Promise<Part>): Promise<Part | null> {
  return Promise.race([read, nextTurn()]);
}

function nextTurn(): Promise<null> {
  return new Promise((resolve) => {
    setImmediate(resolve, null);
  });
}
