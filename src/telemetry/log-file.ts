import { close, constants, open, write } from "node:fs";

/** Who may read a log: its owner, and the group that the system gives it. */
const MODE = 0o640;

/** Without O_NONBLOCK, opening a FIFO waits for its reader, and a full pipe for room. */
const FLAGS = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | constants.O_NONBLOCK | constants.O_NOCTTY;

/** What was written, or why it was not. */
export type WriteOutcome = { readonly byteCount: number } | { readonly error: NodeJS.ErrnoException };

/** Where a batch writer writes to. */
export interface LogDestination {
  /** Opens it (anew); the promise rejects with the system's error, and what was open before stays open. */
  open(): Promise<void>;
  /** Writes bytes without waiting and calls back, at the end of what is there. */
  write(bytes: Buffer, start: number, end: number, written: (outcome: WriteOutcome) => void): void;
  close(): void;
}

/** A file or FIFO by its path, opened by threads and written by threads: however slow a disk is, nobody waits for it. */
export class LogFile implements LogDestination {
  readonly #path: string;
  #fd = -1;

  constructor(path: string) {
    this.#path = path;
  }

  open(): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    open(this.#path, FLAGS, MODE, (error, fd) => {
      if (error !== null) {
        reject(error);
        return;
      }
      this.close();
      this.#fd = fd;
      resolve();
    });
    return promise;
  }

  write(bytes: Buffer, start: number, end: number, written: (outcome: WriteOutcome) => void): void {
    writeTo(this.#fd, bytes, start, end, written);
  }

  close(): void {
    if (this.#fd !== -1) close(this.#fd, () => {});
    this.#fd = -1;
  }
}

/** A descriptor that this process was given, such as STDOUT. It is never closed, and opening it anew changes nothing. */
export class LogDescriptor implements LogDestination {
  readonly #fd: number;

  constructor(fd: number) {
    this.#fd = fd;
  }

  async open(): Promise<void> {
    // It is open.
  }

  write(bytes: Buffer, start: number, end: number, written: (outcome: WriteOutcome) => void): void {
    writeTo(this.#fd, bytes, start, end, written);
  }

  close(): void {
    // It is others', too.
  }
}

function writeTo(
  fd: number,
  bytes: Buffer,
  start: number,
  end: number,
  written: (outcome: WriteOutcome) => void,
): void {
  write(fd, bytes, start, end - start, null, (error, byteCount) => {
    written(error === null ? { byteCount } : { error });
  });
}
