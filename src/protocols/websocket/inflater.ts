import { constants, inflateRawSync } from "node:zlib";
import { History } from "./history.ts";
import { badContent, messageTooLarge, type WebSocketError } from "./websocket-error.ts";

/** The end of an empty stored block, which a sender flushes with and leaves out of the message. RFC 7692 §7.2.1. */
const TAIL = Buffer.of(0x00, 0x00, 0xff, 0xff);
/** DEFLATE streams in one message. One is what everybody sends; each costs an inflater, so a message of nothing but ends is refused. */
const STREAM_COUNT_MAX = 16;
const CHUNK_BYTES_MIN = 4 * 1024;
const CHUNK_BYTES_MAX = 256 * 1024;

/**
 * Inflates the messages of one sender (RFC 7692 §7.2.2), each bounded: what inflates to more than the limit is given up at the limit.
 *
 * A flushed DEFLATE stream has no state between two messages but the last bytes it stood for. So a context that is taken over is kept as
 * those bytes and handed in as a dictionary, instead of as an open inflater: nothing before the first message, the window's size after.
 */
export class Inflater {
  readonly #history: History | null;

  /** @param windowBytes of the sender, for a context that it takes over from message to message; 0 when each stands for itself. */
  constructor(windowBytes: number) {
    this.#history = windowBytes === 0 ? null : new History(windowBytes);
  }

  /**
   * The content of the compressed message `bytes[start, end)`, in memory of its own.
   *
   * @throws {WebSocketError} 1009 above `messageBytesMax`, 1007 for what is not DEFLATE.
   */
  inflate(bytes: Buffer, start: number, end: number, messageBytesMax: number): Buffer {
    const parts: Buffer[] = [];
    let left = Buffer.concat([bytes.subarray(start, end), TAIL]);
    let roomBytes = messageBytesMax;
    // A block marked as the last one ends a stream, and another may follow in the same message: RFC 7692 §7.2.3.4.
    for (let streamCount = 1; left.length > 0; streamCount++) {
      if (streamCount > STREAM_COUNT_MAX) throw badContent("compressed message", "it is of too many streams");
      const { content, consumedBytes } = this.#inflateStream(left, roomBytes, messageBytesMax);
      left = left.subarray(consumedBytes);
      roomBytes -= content.length;
      if (content.length > 0) parts.push(content);
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
  }

  #inflateStream(
    bytes: Buffer,
    roomBytes: number,
    messageBytesMax: number,
  ): { content: Buffer; consumedBytes: number } {
    const dictionary = this.#history?.bytes;
    let inflated: InflatedWithEngine;
    try {
      inflated = inflateRawSync(bytes, {
        finishFlush: constants.Z_SYNC_FLUSH,
        // The runtime refuses a maximum of 0.
        maxOutputLength: Math.max(roomBytes, 1),
        chunkSize: Math.min(Math.max(bytes.length * 4, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX),
        info: true,
        ...(dictionary !== undefined && dictionary.length > 0 && { dictionary }),
      }) as unknown as InflatedWithEngine;
    } catch (error) {
      throw refusal(error, messageBytesMax);
    }
    const { buffer: content, engine } = inflated;
    if (content.length > roomBytes) throw messageTooLarge(messageBytesMax);
    this.#history?.append(content);
    return { content, consumedBytes: engine.bytesWritten };
  }
}

/** What `info: true` makes of the result; the runtime's types do not say so. */
interface InflatedWithEngine {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

function refusal(error: unknown, messageBytesMax: number): WebSocketError {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === "ERR_BUFFER_TOO_LARGE" ? messageTooLarge(messageBytesMax) : badContent("compressed message", message);
}
