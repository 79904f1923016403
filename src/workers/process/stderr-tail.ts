/** What is kept of the end of a stream. */
const TAIL_BYTES_MAX = 16 * 1024;
const TAIL_LINES_MAX = 64;

/**
 * The end of what a worker wrote to STDERR: its last 64 lines, at most 16 KiB, for the log when it dies. It keeps bytes and makes strings
 * only when it is asked, because a worker may write a lot and die once.
 */
export class StderrTail {
  /** A ring; exists from the first byte on. */
  #ring: Buffer | null = null;
  /** Where the next byte goes. */
  #end = 0;
  #isWrapped = false;

  push(chunk: Buffer): void {
    const ring = (this.#ring ??= Buffer.allocUnsafeSlow(TAIL_BYTES_MAX));
    let start = Math.max(0, chunk.length - TAIL_BYTES_MAX);
    while (start < chunk.length) {
      const copied = chunk.copy(ring, this.#end, start);
      start += copied;
      this.#end += copied;
      if (this.#end === TAIL_BYTES_MAX) {
        this.#end = 0;
        this.#isWrapped = true;
      }
    }
  }

  /** The last lines, oldest first; bytes that are not UTF-8 are replaced. */
  lines(): readonly string[] {
    if (this.#ring === null) return [];
    const newest = this.#ring.toString("utf8", 0, this.#end);
    const text = this.#isWrapped ? this.#ring.toString("utf8", this.#end) + newest : newest;
    const lines = text.split(/\r?\n/).filter((line) => line !== "");
    return lines.slice(-TAIL_LINES_MAX);
  }
}
