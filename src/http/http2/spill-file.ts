import { closeSync, openSync, readSync, unlinkSync, writeSync } from "node:fs";
import { join } from "node:path";

import { assert } from "../../base/assert.ts";

/**
 * What of one connection's answers finds no room in memory: an unnamed file, there only while something is in it. It is written and read at
 * once, because it is the exception, and goes to the page cache: a few milliseconds for the largest answer.
 *
 * Invariant: at most one descriptor a connection, however many answers wait.
 */
export class SpillFile {
  readonly #directory: string;
  #fd = -1;
  #endOffset = 0;
  #pieceCount = 0;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /**
   * Appends a copy of `bytes[start, end)` and returns where it is, until `release`.
   *
   * @throws the system's error (`ENOSPC`, `EMFILE`, …); then nothing has been kept.
   */
  write(bytes: Uint8Array, start: number, end: number): number {
    if (this.#fd === -1) this.#open();
    const offset = this.#endOffset;
    try {
      for (let at = start; at < end;) at += writeSync(this.#fd, bytes, at, end - at, offset + at - start);
    } catch (error) {
      if (this.#pieceCount === 0) this.#close();
      throw error;
    }
    this.#endOffset += end - start;
    this.#pieceCount++;
    return offset;
  }

  /** Reads `count` bytes at `offset` into the front of `target`. */
  read(offset: number, target: Uint8Array, count: number): void {
    for (let at = 0; at < count;) {
      const readBytes = readSync(this.#fd, target, at, count - at, offset + at);
      assert(readBytes > 0, "a spill file is as long as what was written");
      at += readBytes;
    }
  }

  /** One of the pieces written is not needed any more. */
  release(): void {
    if (--this.#pieceCount === 0) this.#close();
  }

  #open(): void {
    // The directory may be shared: a name that nobody can guess cannot be taken in advance.
    const path = join(this.#directory, `vilya-answers-${crypto.randomUUID()}`);
    this.#fd = openSync(path, "wx+", 0o600);
    unlinkSync(path);
  }

  #close(): void {
    closeSync(this.#fd);
    this.#fd = -1;
    this.#endOffset = 0;
  }
}
