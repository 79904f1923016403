import type { RequestStream, RequestStreamReader } from "../../http/body/request-stream.ts";
import type { Connection } from "../../kernel/connection.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { encodeChunk, encodeLastChunk } from "../../protocols/http1/chunk-encoder.ts";

/** Of a request body that may be on their way to the upstream. */
const CREDIT_BYTES = 256 * 1024;

/** Sends a request body on to an upstream while it arrives, as fast as that takes it. */
export class ProxyUpload implements RequestStreamReader {
  readonly #body: RequestStream;
  readonly #connection: Connection;
  readonly #isChunked: boolean;
  readonly #onAborted: () => void;
  /** Bytes that were written and are granted again when the connection has drained. */
  #ungrantedBytes = 0;
  #isOver = false;
  #isComplete = false;

  /** @param onAborted the client will not send the rest. */
  constructor(body: RequestStream, connection: Connection, isChunked: boolean, onAborted: () => void) {
    this.#body = body;
    this.#connection = connection;
    this.#isChunked = isChunked;
    this.#onAborted = onAborted;
  }

  /** True once all of it was handed to the connection. */
  get isComplete(): boolean {
    return this.#isComplete;
  }

  start(): void {
    this.#body.open(this, CREDIT_BYTES);
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#isChunked) encodeChunk(this.#connection.output(), bytes, start, end);
    else this.#connection.write(bytes, start, end);
    this.#ungrantedBytes += end - start;
    if (!this.#connection.isAboveHighWater) queueMicrotask(() => this.grant());
  }

  onBodyEnd(trailers: FieldBlock | null): void {
    this.#isOver = this.#isComplete = true;
    if (this.#isChunked) encodeLastChunk(this.#connection.output(), trailers);
  }

  onBodyAborted(): void {
    this.#isOver = true;
    this.#onAborted();
  }

  /** The connection takes more. */
  grant(): void {
    if (this.#isOver || this.#ungrantedBytes === 0 || this.#connection.isAboveHighWater) return;
    const byteCount = this.#ungrantedBytes;
    this.#ungrantedBytes = 0;
    this.#body.grant(byteCount);
  }

  /** The upstream wants no more of it. */
  stop(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#body.close();
  }
}
