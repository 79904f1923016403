import { assert } from "../base/assert.ts";

const EMPTY = Buffer.alloc(0);

/** The first assembly buffer of a split frame; it doubles from here. */
const ASSEMBLY_BYTES_MIN = 4 * 1024;

/**
 * The receive side of a connection: the bytes that have arrived and are not consumed yet, always contiguous at `bytes[start, end)`.
 *
 * A chunk that arrives while nothing waits *becomes* the window, uncopied: every chunk the runtime delivers is a fresh buffer of its exact
 * size. Only when a frame is split over chunks are bytes copied, into an assembly buffer that doubles, so that a peer who dribbles bytes
 * costs linear work. `append` may move or replace what waits: offsets are good until then, and so are views, which moreover keep their
 * whole chunk alive. Copy what outlives the turn.
 */
export class Segments {
  bytes: Buffer = EMPTY;
  /** Offset of the first unconsumed byte. */
  start = 0;
  /** Offset after the last unconsumed byte. */
  end = 0;
  /** True while `bytes` is our own assembly buffer with room behind `end`, false while it is a received chunk. */
  #isAssembly = false;

  /** How many bytes wait to be consumed. The owner bounds it: no frame is longer than some limit. */
  get byteLength(): number {
    return this.end - this.start;
  }

  /** Takes ownership of `chunk`; the caller does not touch it again. */
  append(chunk: Buffer): void {
    if (this.start === this.end) {
      this.bytes = chunk;
      this.start = 0;
      this.end = chunk.length;
      this.#isAssembly = false;
      return;
    }
    const waiting = this.end - this.start;
    if (!this.#isAssembly || this.bytes.length - this.end < chunk.length)
      this.#assemble(waiting, waiting + chunk.length);
    chunk.copy(this.bytes, this.end);
    this.end += chunk.length;
  }

  /** Drops the first `count` bytes; a window that becomes empty lets go of its buffer. */
  consume(count: number): void {
    assert(count <= this.end - this.start, "no more is consumed than has arrived");
    this.start += count;
    if (this.start === this.end) this.clear();
  }

  /** Drops everything and lets go of the buffer. */
  clear(): void {
    this.bytes = EMPTY;
    this.start = this.end = 0;
    this.#isAssembly = false;
  }

  #assemble(waiting: number, needed: number): void {
    if (this.#isAssembly && needed <= this.bytes.length - (this.bytes.length >>> 2)) {
      this.bytes.copyWithin(0, this.start, this.end);
    } else {
      let capacity = this.#isAssembly ? this.bytes.length : ASSEMBLY_BYTES_MIN;
      while (capacity < needed) capacity *= 2;
      const bytes = Buffer.allocUnsafeSlow(capacity);
      this.bytes.copy(bytes, 0, this.start, this.end);
      this.bytes = bytes;
      this.#isAssembly = true;
    }
    this.start = 0;
    this.end = waiting;
  }
}
