import { Buffer } from "node:buffer";

const BYTES_AT_FIRST = 16_384;
/** A buffer that one large answer has made is not kept for the small ones that follow. */
const BYTES_KEPT_MAX = 1 << 20;
const LENGTH_BYTES = 4;
/** What both sides take until the engine has said what it takes. */
export const FRAME_BYTES_MAX_DEFAULT: number = 10 << 20;

/** The engine would take the worker for broken if it got such a frame. */
export class FrameTooLargeError extends RangeError {
  override readonly name = "FrameTooLargeError";

  constructor(byteLength: number, byteLengthMax: number) {
    super(`Cannot send a frame: it has ${byteLength} bytes, ${byteLengthMax} are allowed (workers.frame_size)`);
  }
}

/**
 * Gathers frames until somebody takes them: a length, then one MessagePack map. Between `begin` and `end` the caller writes exactly the
 * pairs that it has announced.
 *
 * Invariant: only whole frames are taken. One that was begun and not ended, because something threw between, is gone with the next one.
 */
export class FrameWriter {
  #bytes: Buffer = Buffer.allocUnsafe(BYTES_AT_FIRST);
  #end = 0;
  #frameAt = 0;
  #isOpen = false;
  /** In bytes; a longer frame is refused where it ends. */
  frameBytesMax: number = FRAME_BYTES_MAX_DEFAULT;

  /** Of whole frames. */
  get byteLength(): number {
    return this.#isOpen ? this.#frameAt : this.#end;
  }

  /** Hands over what has been written; it is the caller's from then on. */
  take(): Buffer {
    this.#abandon();
    const taken = this.#bytes.subarray(0, this.#end);
    const rest = this.#bytes.length - this.#end;
    // The tail of the buffer serves on, so that small answers share one allocation.
    this.#bytes =
      rest >= BYTES_AT_FIRST / 4 && rest <= BYTES_KEPT_MAX
        ? this.#bytes.subarray(this.#end)
        : Buffer.allocUnsafe(BYTES_AT_FIRST);
    this.#end = 0;
    return taken;
  }

  begin(pairCount: number): void {
    this.#abandon();
    this.#isOpen = true;
    this.#frameAt = this.#end;
    this.#reserve(LENGTH_BYTES);
    this.#end += LENGTH_BYTES;
    this.map(pairCount);
  }

  /** @throws {FrameTooLargeError} and forgets the frame. */
  end(): void {
    const byteLength = this.#end - this.#frameAt - LENGTH_BYTES;
    if (byteLength > this.frameBytesMax) {
      this.#abandon();
      throw new FrameTooLargeError(byteLength, this.frameBytesMax);
    }
    this.#isOpen = false;
    this.#bytes.writeUInt32BE(byteLength, this.#frameAt);
  }

  /** A key: fewer than 32 ASCII characters. */
  key(name: string): void {
    this.#reserve(1 + name.length);
    this.#bytes[this.#end++] = 0xa0 | name.length;
    this.#end += this.#bytes.write(name, this.#end, "latin1");
  }

  nil(): void {
    this.#byte(0xc0);
  }

  bool(value: boolean): void {
    this.#byte(value ? 0xc3 : 0xc2);
  }

  /** From 0 to 2^53 - 1. */
  uint(value: number): void {
    this.#reserve(9);
    if (value < 0x80) this.#bytes[this.#end++] = value;
    else if (value <= 0xffff_ffff) {
      this.#bytes[this.#end++] = 0xce;
      this.#end = this.#bytes.writeUInt32BE(value, this.#end);
    } else {
      this.#bytes[this.#end++] = 0xcf;
      this.#end = this.#bytes.writeBigUInt64BE(BigInt(value), this.#end);
    }
  }

  /** Text as UTF-8. */
  text(value: string): void {
    const byteLength = Buffer.byteLength(value);
    this.#header(byteLength, 0xd9);
    this.#end += this.#bytes.write(value, this.#end, "utf8");
  }

  /** A value of a header: one byte a character where that is possible, else UTF-8. */
  headerText(value: string): void {
    for (let at = 0; at < value.length; at++) if (value.charCodeAt(at) > 0xff) return this.text(value);
    this.#header(value.length, 0xd9);
    this.#end += this.#bytes.write(value, this.#end, "latin1");
  }

  bin(value: Uint8Array): void {
    this.#header(value.length, 0xc4);
    this.#bytes.set(value, this.#end);
    this.#end += value.length;
  }

  map(pairCount: number): void {
    this.#collection(pairCount, 0x80, 0xdf);
  }

  array(count: number): void {
    this.#collection(count, 0x90, 0xdd);
  }

  #abandon(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#end = this.#frameAt;
  }

  #collection(count: number, shortTag: number, longTag: number): void {
    if (count < 16) {
      this.#byte(shortTag | count);
      return;
    }
    this.#reserve(5);
    this.#bytes[this.#end++] = longTag;
    this.#end = this.#bytes.writeUInt32BE(count, this.#end);
  }

  /** The header of a str (`0xd9`) or bin (`0xc4`), with room for what it announces. */
  #header(byteLength: number, tag: number): void {
    this.#reserve(5 + byteLength);
    if (byteLength < 0x100) {
      this.#bytes[this.#end++] = tag;
      this.#bytes[this.#end++] = byteLength;
    } else {
      this.#bytes[this.#end++] = tag + 2;
      this.#end = this.#bytes.writeUInt32BE(byteLength, this.#end);
    }
  }

  #byte(value: number): void {
    this.#reserve(1);
    this.#bytes[this.#end++] = value;
  }

  #reserve(byteLength: number): void {
    const needed = this.#end + byteLength;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(needed, 2 * this.#bytes.length));
    larger.set(this.#bytes.subarray(0, this.#end));
    this.#bytes = larger;
  }
}
