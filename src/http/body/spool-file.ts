import { close, openSync, rm, unlinkSync, write } from "node:fs";
import { join } from "node:path";

import { Arena } from "../../kernel/arena.ts";

/** Bytes waiting for the disk above which the client is paused. */
const WAITING_BYTES_MAX = 1024 * 1024;

/** Who is told how writing goes. */
export interface SpoolFileListener {
  /** The disk is slower than the source: append nothing until `onDrained`. */
  onFull(): void;
  onDrained(): void;
  /** Everything appended before `end()` is written. */
  onFinished(): void;
  onFailed(error: Error): void;
}

/**
 * A temporary file, written in order and off the event loop. One without a name is unlinked as soon as it is open: nothing is left to clean up
 * after a crash, and nobody else can open it. One with a name is there until it is closed, or taken over.
 *
 * Invariant: at most one write is under way; what arrives meanwhile is gathered and leaves as the next one.
 */
export class SpoolFile {
  readonly fd: number;
  /** Where it is; `null` where it has no name. */
  #path: string | null;
  readonly #listener: SpoolFileListener;
  #gathering = new Arena();
  #writing = new Arena();
  #isWriting = false;
  #isEnding = false;
  #isFull = false;
  #isClosed = false;

  /** @throws the system's error (`ENOSPC`, `EACCES`, …) when the file cannot be made. */
  constructor(directory: string, isNamed: boolean, listener: SpoolFileListener) {
    // The directory may be shared: a name that nobody can guess cannot be taken in advance.
    const path = join(directory, `vilya-body-${crypto.randomUUID()}`);
    this.fd = openSync(path, "wx+", 0o600);
    if (!isNamed) unlinkSync(path);
    this.#path = isNamed ? path : null;
    this.#listener = listener;
  }

  /** Hands the file's path over, with the duty to remove it; `null` where it has none. */
  takePath(): string | null {
    const path = this.#path;
    this.#path = null;
    return path;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    this.#gathering.writeBytes(bytes, start, end);
    this.#writeNext();
    if (!this.#isFull && this.#gathering.byteLength > WAITING_BYTES_MAX) {
      this.#isFull = true;
      this.#listener.onFull();
    }
  }

  /** Calls `onFinished` once everything is written. */
  end(): void {
    this.#isEnding = true;
    this.#writeNext();
  }

  /** Closes the file, after the write under way if there is one; no listener call follows. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    if (this.#path !== null) removeFile(this.#path);
    this.#path = null;
    if (!this.#isWriting) close(this.fd);
  }

  #writeNext(): void {
    if (this.#isWriting || this.#isClosed) return;
    if (this.#writing.byteLength === 0) {
      if (this.#gathering.byteLength === 0) {
        if (this.#isEnding) this.#listener.onFinished();
        return;
      }
      const gathered = this.#gathering;
      this.#gathering = this.#writing;
      this.#writing = gathered;
    }
    this.#isWriting = true;
    const { bytes, start, byteLength } = this.#writing;
    write(this.fd, bytes, start, byteLength, null, this.#onWritten);
  }

  readonly #onWritten = (error: Error | null, writtenBytes: number): void => {
    this.#isWriting = false;
    if (this.#isClosed) {
      close(this.fd);
      return;
    }
    if (error !== null) {
      this.#listener.onFailed(error);
      return;
    }
    this.#writing.consume(writtenBytes);
    if (this.#isFull && this.#gathering.byteLength <= WAITING_BYTES_MAX / 2) {
      this.#isFull = false;
      this.#listener.onDrained();
    }
    this.#writeNext();
  };
}

/** Removes a body's file; whoever has moved it elsewhere keeps it. */
export function removeFile(path: string): void {
  rm(path, { force: true }, () => {});
}
