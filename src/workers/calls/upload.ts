import type { Arena } from "../../kernel/arena.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import { encodeBody, encodeBodyAbort, encodeBodyEnd } from "../../protocols/worker/body-encoder.ts";
import type { Call, CallSource, CallSourceReader } from "./call.ts";
import { WorkerLinkError } from "../worker-link-error.ts";

/** What an upload needs of the connection to its worker. */
export interface UploadOptions {
  readonly call: Call;
  readonly source: CallSource;
  /** Of the request. */
  readonly id: number;
  /** Writes a frame, which leaves at the end of the turn. */
  readonly write: (encode: (arena: Arena) => void) => void;
  /** What the worker may be sent before it has taken anything. */
  readonly windowBytes: number;
  /** Called when it is another side's turn: the client's to send, or the worker's to read. */
  readonly onTurn: () => void;
}

/**
 * The body of one request on its way to the worker that runs it. docs/reference/wire.md W2.30 to W2.34.
 *
 * Invariant: what was sent and the worker has not taken is never more than the window, and it is the source that waits.
 */
export class Upload implements CallSourceReader {
  readonly #options: UploadOptions;
  #creditBytes: number;
  #isEnded = false;

  constructor(options: UploadOptions) {
    this.#options = options;
    this.#creditBytes = options.windowBytes;
  }

  /** True while it is the client who is waited for: a worker that does not answer meanwhile is not to blame. */
  get awaitsClient(): boolean {
    return !this.#isEnded && this.#creditBytes > 0;
  }

  /** Begins to send. */
  start(): void {
    this.#options.source.open(this, this.#creditBytes);
  }

  /** The worker has taken `byteCount` bytes. @throws {WorkerLinkError} when that is more than it was sent. */
  grant(byteCount: number): void {
    if (this.#isEnded) return;
    const { windowBytes, id, source, onTurn } = this.#options;
    const sentBytes = windowBytes - this.#creditBytes;
    if (byteCount > sentBytes) {
      const message = `Cannot take credit for request ${id}: it is for ${byteCount} bytes, ${sentBytes} were sent and not credited`;
      throw new WorkerLinkError("VILYA_WORKER_CREDIT_EXCEEDED", message);
    }
    const wasAwaited = this.awaitsClient;
    this.#creditBytes += byteCount;
    if (!wasAwaited) onTurn();
    source.grant(byteCount);
  }

  /** The worker is lost: if nothing was sent, the body may go to another one. */
  lose(): void {
    if (this.#isEnded || this.#options.call.isSpent) {
      this.stop();
      return;
    }
    this.#isEnded = true;
    this.#options.source.release();
  }

  /** The worker has answered: nothing more is sent. */
  stop(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#options.source.close();
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    const { call, write, id, onTurn } = this.#options;
    call.isSpent = true;
    this.#creditBytes -= end - start;
    write((arena) => encodeBody(arena, id, bytes, start, end));
    if (!this.awaitsClient) onTurn();
  }

  onBodyEnd(trailers: FieldBlock | null): void {
    const { write, id } = this.#options;
    write((arena) => encodeBodyEnd(arena, id, trailers));
    this.#end();
  }

  onBodyAborted(): void {
    const { write, id } = this.#options;
    write((arena) => encodeBodyAbort(arena, id));
    this.#end();
  }

  #end(): void {
    const { call, onTurn } = this.#options;
    call.isSpent = true;
    this.#isEnded = true;
    onTurn();
  }
}
