import { write } from "node:fs";

/** Takes what `node:fs` gives back: an error, or the bytes that were written. */
type Written = (error: NodeJS.ErrnoException | null, byteCount: number) => void;

/** Where lines go, how many may wait, and what is said about those that could not. */
export interface LineWriterOptions {
  /** Open for writing; it is not closed. */
  readonly fileDescriptor: number;
  /** Characters that may wait. Default: 1 Mi. */
  readonly pendingLengthMax?: number;
  /** The line that tells how many were dropped; it takes their place once the reader is back. */
  readonly renderDropped: (lineCount: number) => string;
  /** Writes bytes without waiting and calls back. Default: `write(2)` on a thread. */
  readonly write?: (bytes: Uint8Array, written: Written) => void;
}

const PENDING_LENGTH_MAX = 1024 * 1024;
/** How soon to try again when a non-blocking descriptor is full. */
const RETRY_MS = 20;

/**
 * Writes lines to a descriptor without ever blocking the caller: one write at a time is under way on a thread, lines that come meanwhile
 * wait and leave together. When the reader is stuck and the bound is reached, new lines are dropped and counted; so are lines whose write
 * fails (disk full, reader gone). Losing lines is better than losing the service.
 */
export class LineWriter {
  readonly #options: LineWriterOptions;
  readonly #pendingLengthMax: number;
  #pending: string[] = [];
  #pendingLength = 0;
  #droppedCount = 0;
  #isWriting = false;
  readonly #idleWaiters: (() => void)[] = [];

  constructor(options: LineWriterOptions) {
    this.#options = options;
    this.#pendingLengthMax = options.pendingLengthMax ?? PENDING_LENGTH_MAX;
  }

  /** Takes one line with its line end. */
  write(line: string): void {
    if (this.#pendingLength + line.length > this.#pendingLengthMax) {
      this.#droppedCount++;
      return;
    }
    this.#takeBackDropped();
    this.#append(line);
    if (!this.#isWriting) this.#writePending();
  }

  /** Waits until everything taken so far is written, at most so long. False means that lines were left behind. */
  async flush(deadlineMs: number): Promise<boolean> {
    if (!this.#isWriting) return this.#droppedCount === 0;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#idleWaiters.push(resolve);
    const timer = setTimeout(resolve, deadlineMs);
    await promise;
    clearTimeout(timer);
    return !this.#isWriting && this.#droppedCount === 0;
  }

  /** Says how many lines are missing at the place where they are. */
  #takeBackDropped(): void {
    if (this.#droppedCount === 0) return;
    const notice = this.#options.renderDropped(this.#droppedCount);
    this.#droppedCount = 0;
    this.#append(notice);
  }

  #append(line: string): void {
    this.#pending.push(line);
    this.#pendingLength += line.length;
  }

  #writePending(): void {
    const lineCount = this.#pending.length;
    if (lineCount === 0) {
      this.#isWriting = false;
      for (const resolve of this.#idleWaiters.splice(0)) resolve();
      return;
    }
    const bytes = new TextEncoder().encode(this.#pending.join(""));
    this.#pending = [];
    this.#pendingLength = 0;
    this.#isWriting = true;
    this.#writeBytes(bytes, lineCount);
  }

  #writeBytes(bytes: Uint8Array, lineCount: number): void {
    const written: Written = (error, byteCount) => {
      if (error?.code === "EAGAIN") {
        setTimeout(() => this.#writeBytes(bytes, lineCount), RETRY_MS);
      } else if (error !== null) {
        // Said together with the next line that comes, not now: that write would fail too, and the one after it.
        this.#droppedCount += lineCount;
        this.#writePending();
      } else if (byteCount < bytes.length) {
        this.#writeBytes(bytes.subarray(byteCount), lineCount);
      } else {
        this.#takeBackDropped();
        this.#writePending();
      }
    };
    const { fileDescriptor, write: writeTo } = this.#options;
    if (writeTo !== undefined) writeTo(bytes, written);
    else write(fileDescriptor, bytes, 0, bytes.length, null, written);
  }
}
