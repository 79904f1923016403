import { assert } from "../base/assert.ts";
import { countDigits, DIGITS_VALUE_MAX, putDigits } from "./digits.ts";

/** Below this many bytes a JavaScript loop beats the native copy's call (measured: the two meet near 32 bytes). */
const LOOP_COPY_BYTES_MAX = 24;

/** The smallest arena: ordinary messages find room without growing. */
const CAPACITY_BYTES_MIN = 4 * 1024;

/**
 * The send side of a connection: one growing buffer that encoders append to and the connection flushes once a turn.
 *
 * The unsent bytes are `bytes[start, end)`; everything before `start` is sent, everything from `end` on is room. Invariant: writing moves no
 * byte, so an encoder may keep an *offset* across writes and fill in a length there; only `consume`, which no encoder calls, moves them.
 * It never keeps `bytes` itself, because growing replaces it.
 */
export class Arena {
  bytes: Buffer;
  /** Offset of the first unsent byte. */
  start = 0;
  /** Offset after the last unsent byte. */
  end = 0;

  constructor(capacityBytes: number = CAPACITY_BYTES_MIN) {
    this.bytes = Buffer.allocUnsafeSlow(Math.max(capacityBytes, CAPACITY_BYTES_MIN));
  }

  /** How many bytes wait to be sent. */
  get byteLength(): number {
    return this.end - this.start;
  }

  /** Bytes of memory held, sent and unsent together. */
  get capacityBytes(): number {
    return this.bytes.length;
  }

  /** Makes room for `count` more bytes. Encoders that know their size reserve once and then write through `bytes` and `end` themselves. */
  reserve(count: number): void {
    if (this.bytes.length - this.end < count) this.#grow(count);
  }

  writeUint8(value: number): void {
    this.reserve(1);
    this.bytes[this.end++] = value;
  }

  writeUint16(value: number): void {
    this.reserve(2);
    this.bytes[this.end] = value >>> 8;
    this.bytes[this.end + 1] = value;
    this.end += 2;
  }

  writeUint32(value: number): void {
    this.reserve(4);
    this.setUint32(this.end, value);
    this.end += 4;
  }

  /** Overwrites four bytes at an absolute offset, big-endian: how a length prefix is filled in after its body is known. */
  setUint32(offset: number, value: number): void {
    const { bytes } = this;
    bytes[offset] = value >>> 24;
    bytes[offset + 1] = value >>> 16;
    bytes[offset + 2] = value >>> 8;
    bytes[offset + 3] = value;
  }

  /** Appends `source[sourceStart, sourceEnd)` without making a view of it. */
  writeBytes(source: Uint8Array, sourceStart = 0, sourceEnd: number = source.length): void {
    const count = sourceEnd - sourceStart;
    if (this.bytes.length - this.end < count) this.#grow(count);
    const { bytes, end: to } = this;
    if (count <= LOOP_COPY_BYTES_MAX) {
      // Counted from 0 on purpose: a loop variable that starts as a parameter with a default runs untyped, seven times slower.
      for (let i = 0; i < count; i++) bytes[to + i] = source[sourceStart + i]!;
    } else if (source instanceof Buffer) {
      source.copy(bytes, to, sourceStart, sourceEnd);
    } else {
      bytes.set(source.subarray(sourceStart, sourceEnd), to);
    }
    this.end += count;
  }

  /** Appends one byte per UTF-16 unit. `text` holds no unit above 0xFF: callers validate, an arena does not. */
  writeLatin1(text: string): void {
    this.reserve(text.length);
    this.end += this.bytes.write(text, this.end, "latin1");
  }

  /** Appends a non-negative safe integer in decimal ASCII. */
  writeDecimal(value: number): void {
    if (value > DIGITS_VALUE_MAX) {
      this.writeLatin1(String(value));
      return;
    }
    const count = countDigits(value);
    this.reserve(count);
    putDigits(this.bytes, this.end, count, value);
    this.end += count;
  }

  /** A copy of the unsent bytes in a buffer of their own. */
  copyOut(): Buffer {
    const copy = Buffer.allocUnsafeSlow(this.byteLength);
    this.bytes.copy(copy, 0, this.start, this.end);
    return copy;
  }

  /** Marks the first `count` unsent bytes as sent. */
  consume(count: number): void {
    assert(count <= this.end - this.start, "an arena consumes no more than it holds");
    this.start += count;
    if (this.start === this.end) {
      this.start = this.end = 0;
    } else if (this.start >= this.end - this.start) {
      // Room is won back when at least as much was sent as has to move: each byte pays for one move, however slowly it leaves.
      this.bytes.copyWithin(0, this.start, this.end);
      this.end -= this.start;
      this.start = 0;
    }
  }

  /** Drops every unsent byte from `offset` on: how an encoder takes back what it began to write. */
  truncate(offset: number): void {
    assert(offset >= this.start && offset <= this.end, "an arena is truncated inside its unsent bytes");
    this.end = offset;
  }

  #grow(count: number): void {
    const needed = this.end + count;
    let capacity = this.bytes.length * 2;
    while (capacity < needed) capacity *= 2;
    const bytes = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(bytes, this.start, this.start, this.end);
    this.bytes = bytes;
  }
}
