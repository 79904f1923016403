const NEWLINE = 10;
const CARRIAGE_RETURN = 13;

/** A longer line is cut here; what follows up to its end is dropped. */
export const LINE_BYTES_MAX: number = 8 * 1024;

/**
 * Cuts a stream of bytes into lines. A line is handed over without its line end, as a view that is valid during the call only; empty
 * lines are left out. It holds at most {@link LINE_BYTES_MAX} bytes of a line that has not ended.
 */
export class LineSplitter {
  readonly #onLine: (line: Buffer) => void;
  /** Exists from the first line that is split over chunks. */
  #partial: Buffer | null = null;
  #partialBytes = 0;
  /** True while the rest of a line that was cut goes by. */
  #isSkipping = false;

  constructor(onLine: (line: Buffer) => void) {
    this.#onLine = onLine;
  }

  /** True while a line has begun and not ended. */
  get hasPartial(): boolean {
    return this.#partialBytes > 0;
  }

  push(chunk: Buffer): void {
    let start = 0;
    while (start < chunk.length) {
      const newlineAt = chunk.indexOf(NEWLINE, start);
      const end = newlineAt === -1 ? chunk.length : newlineAt;
      if (!this.#isSkipping) this.#take(chunk, start, end, newlineAt !== -1);
      if (newlineAt === -1) return;
      this.#isSkipping = false;
      start = newlineAt + 1;
    }
  }

  /** Hands over a line that has not ended, as it is: what follows begins another one. */
  flush(): void {
    const bytes = this.#partialBytes;
    this.#partialBytes = 0;
    if (bytes > 0) this.#emit(this.#partial!, 0, bytes);
  }

  #take(chunk: Buffer, start: number, end: number, isWhole: boolean): void {
    const fittingEnd = Math.min(end, start + LINE_BYTES_MAX - this.#partialBytes);
    const isCut = fittingEnd < end;
    if (this.#partialBytes === 0 && (isWhole || isCut)) {
      this.#emit(chunk, start, fittingEnd);
    } else {
      this.#partial ??= Buffer.allocUnsafeSlow(LINE_BYTES_MAX);
      this.#partialBytes += chunk.copy(this.#partial, this.#partialBytes, start, fittingEnd);
      if (isWhole || isCut) this.flush();
    }
    if (isCut) this.#isSkipping = true;
  }

  #emit(bytes: Buffer, start: number, end: number): void {
    if (end > start && bytes[end - 1] === CARRIAGE_RETURN) end--;
    if (end > start) this.#onLine(bytes.subarray(start, end));
  }
}
