import type { Call, Cancellable } from "./call.ts";
import { WorkerLinkError } from "../worker-link-error.ts";

/** What the owner of a call may do about a response that is streamed to it. Both do nothing once the response has ended. */
export interface StreamControl {
  /** The worker may send so many more bytes: somebody has taken as many. */
  grant(byteCount: number): void;
  /** Nobody wants the rest: the call hears no more. */
  cancel(): void;
}

/** What a stream needs of the connection to its worker. */
export interface StreamLink {
  sendCredit(id: number, byteCount: number): void;
  sendCancel(id: number): void;
}

export interface CallStreamOptions {
  readonly call: Call;
  /** Of the request. */
  readonly id: number;
  readonly link: StreamLink;
  /** What the worker may send before anything is granted. */
  readonly windowBytes: number;
  /** Called when credit was given or the stream was cancelled. */
  readonly onChange: () => void;
}

/**
 * The credit of one response that a worker sends in parts. docs/reference/wire.md W2.14 to W2.17.
 *
 * Invariant: what the worker has sent and nobody has taken is never more than the window. Grants are gathered until half a window is owed:
 * the worker has the other half meanwhile, and large bodies cost few frames.
 */
export class CallStream implements StreamControl, Cancellable {
  readonly call: Call;
  readonly id: number;
  readonly #options: CallStreamOptions;
  #creditBytes = 0;
  /** Taken by somebody and not granted yet. */
  #owedBytes = 0;
  #isEnded = false;
  #isCancelled = false;

  constructor(options: CallStreamOptions) {
    this.call = options.call;
    this.id = options.id;
    this.#options = options;
  }

  get isCancelled(): boolean {
    return this.#isCancelled;
  }

  /** True while a silent worker cannot blame its credit. */
  get maySend(): boolean {
    return this.#creditBytes > 0;
  }

  /** Gives the first credit. */
  open(): void {
    this.#give(this.#options.windowBytes);
  }

  /** Counts what the worker has sent. @throws {WorkerLinkError} when it is more than its credit. */
  take(byteCount: number): void {
    if (byteCount > this.#creditBytes) {
      const message = `Cannot take the response to request ${this.id}: it has ${byteCount} bytes more, ${this.#creditBytes} are allowed`;
      throw new WorkerLinkError("VILYA_WORKER_CREDIT_EXCEEDED", message);
    }
    this.#creditBytes -= byteCount;
  }

  grant(byteCount: number): void {
    if (this.#isEnded || this.#isCancelled) return;
    this.#owedBytes += byteCount;
    if (this.#owedBytes * 2 >= this.#options.windowBytes) this.#give(this.#owedBytes);
  }

  cancel(): void {
    if (this.#isEnded || this.#isCancelled) return;
    this.#isCancelled = true;
    this.call.state = "ended";
    this.#options.link.sendCancel(this.id);
    this.#options.onChange();
  }

  /** The worker has sent the end, or is lost. */
  end(): void {
    this.#isEnded = true;
  }

  #give(byteCount: number): void {
    this.#owedBytes = 0;
    this.#creditBytes += byteCount;
    this.#options.link.sendCredit(this.id, byteCount);
    this.#options.onChange();
  }
}
