import { type Flushable, turn } from "../../kernel/turn.ts";
import type { ContentCoding } from "../../protocols/http/content-coding.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { BodyWriter } from "../response-writer.ts";
import type { Compression } from "./compression.ts";
import { StreamEncoder, type StreamEncoderListener } from "./stream-encoder.ts";

/** Encoded bytes that wait for the client above which nothing more counts as taken. */
const UNTAKEN_BYTES_MAX = 64 * 1024;

/**
 * A body in parts that is encoded on its way. What was written in one turn of the event loop can be decoded by the client without waiting
 * for the next part, so that events arrive when they happen.
 *
 * Invariants: content counts as taken when it is encoded and the client keeps up, so the source's credit bounds both ends; and the place
 * that the stream takes in the budget is given back exactly once.
 */
export class CompressingBody implements BodyWriter, StreamEncoderListener, Flushable {
  readonly #compression: Compression;
  readonly #onTaken: (byteCount: number) => void;
  readonly #encoder: StreamEncoder;
  #body: BodyWriter | null = null;
  #untakenBytes = 0;
  /** Content that is encoded and does not count as taken yet. */
  #owedBytes = 0;
  #isFlushQueued = false;
  #isEnding = false;
  #trailers: FieldBlock | null = null;
  #isClosed = false;

  constructor(compression: Compression, coding: ContentCoding, onTaken: (byteCount: number) => void) {
    this.#compression = compression;
    this.#onTaken = onTaken;
    this.#encoder = new StreamEncoder(coding, compression.config.effort, this);
  }

  /** @param body where the encoded content goes; `null` when none follows the head. */
  start(body: BodyWriter | null): BodyWriter | null {
    this.#body = body;
    if (body !== null) return this;
    this.close();
    return null;
  }

  /** The client has taken encoded bytes. */
  onBodyTaken(byteCount: number): void {
    this.#untakenBytes -= byteCount;
    this.#release();
  }

  write(bytes: Buffer, start: number, end: number): void {
    if (this.#isClosed) return;
    this.#encoder.write(bytes, start, end);
    if (this.#isFlushQueued) return;
    this.#isFlushQueued = true;
    turn.flushAtEnd(this);
  }

  flush(): void {
    this.#isFlushQueued = false;
    if (!this.#isEnding && !this.#isClosed) this.#encoder.flush();
  }

  end(trailers: FieldBlock | null): void {
    if (this.#isClosed) return;
    this.#isEnding = true;
    this.#trailers = trailers;
    this.#encoder.end();
  }

  abort(): void {
    if (this.#isClosed) return;
    this.close();
    this.#body?.abort();
  }

  /** Nobody waits for the rest. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#compression.returnStream();
    this.#encoder.close();
  }

  onEncoded(bytes: Buffer): void {
    this.#untakenBytes += bytes.length;
    this.#body?.write(bytes, 0, bytes.length);
  }

  onConsumed(byteCount: number): void {
    this.#owedBytes += byteCount;
    this.#release();
  }

  onEnd(): void {
    this.close();
    this.#body?.end(this.#trailers);
  }

  onError(): void {
    this.abort();
  }

  #release(): void {
    const byteCount = this.#owedBytes;
    if (byteCount === 0 || this.#isEnding || this.#untakenBytes > UNTAKEN_BYTES_MAX) return;
    this.#owedBytes = 0;
    this.#onTaken(byteCount);
  }
}
