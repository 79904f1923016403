import type { Arena } from "../../kernel/arena.ts";
import { HpackError } from "./hpack-error.ts";
import { decodeHuffman } from "./huffman-decoder.ts";

/**
 * Octets an integer may go on for after its prefix: enough for 2^28, far more than any block has, and too few to fill a number with zeros
 * for ever. RFC 7541 §5.1 wants a limit.
 */
const CONTINUATION_OCTETS_MAX = 4;

const HUFFMAN_BIT = 0x80;

const NO_BLOCK = Buffer.alloc(0);

/** Reads the primitives of RFC 7541 §5 from one header block. */
export class BlockCursor {
  bytes: Buffer = NO_BLOCK;
  at = 0;
  end = 0;

  start(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes;
    this.at = start;
    this.end = end;
  }

  /** Lets go of the block. */
  finish(): void {
    this.bytes = NO_BLOCK;
    this.at = this.end = 0;
  }

  /**
   * Reads the integer that starts in the low bits of the octet at the cursor. RFC 7541 §5.1.
   *
   * @param prefixMax the prefix's largest value: 2^bits - 1.
   * @throws {HpackError}
   */
  readInteger(prefixMax: number): number {
    const { bytes, end } = this;
    if (this.at >= end) throw truncated();
    let value = bytes[this.at++]! & prefixMax;
    if (value < prefixMax) return value;
    for (let count = 0; count < CONTINUATION_OCTETS_MAX; count++) {
      if (this.at >= end) throw truncated();
      const octet = bytes[this.at++]!;
      value += (octet & 0x7f) << (7 * count);
      if (octet < 0x80) return value;
    }
    throw new HpackError("an integer of too many octets", `${CONTINUATION_OCTETS_MAX} after its prefix are allowed`);
  }

  /** Reads a string literal and appends what it stands for to `target`. RFC 7541 §5.2. @throws {HpackError} */
  readString(target: Arena): void {
    const { bytes } = this;
    const isHuffman = this.at < this.end && (bytes[this.at]! & HUFFMAN_BIT) !== 0;
    const length = this.readInteger(0x7f);
    const start = this.at;
    if (length > this.end - start) throw truncated();
    this.at = start + length;
    if (!isHuffman) target.writeBytes(bytes, start, this.at);
    else if (!decodeHuffman(bytes, start, this.at, target)) {
      throw new HpackError("a string that is no Huffman code", "it ends in less than eight ones and holds no EOS");
    }
  }
}

function truncated(): HpackError {
  return new HpackError("it ends in the middle of a field", "a block holds whole fields");
}
