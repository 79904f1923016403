import { Arena } from "../../src/kernel/arena.ts";
import type { FieldSink } from "../../src/protocols/hpack/field-sink.ts";
import { HUFFMAN_CODES } from "../../src/protocols/hpack/huffman-code.ts";

/** A field in words, one UTF-16 unit a byte. */
export type Field = readonly [name: string, value: string];

/** Collects fields as text. */
export class TextSink implements FieldSink {
  readonly text: Arena = new Arena();
  readonly fields: Field[] = [];
  isFull = false;
  /** Becomes full with this many fields. */
  countMax: number = Infinity;

  onField(nameStart: number, valueStart: number, valueEnd: number): void {
    const { bytes } = this.text;
    this.fields.push([bytes.toString("latin1", nameStart, valueStart), bytes.toString("latin1", valueStart, valueEnd)]);
    this.isFull = this.fields.length >= this.countMax;
  }
}

/** An integer of RFC 7541 §5.1, written the long way. */
export function integer(firstBits: number, prefixMax: number, value: number): Buffer {
  if (value < prefixMax) return Buffer.from([firstBits | value]);
  const octets = [firstBits | prefixMax];
  let rest = value - prefixMax;
  for (; rest >= 128; rest = Math.floor(rest / 128)) octets.push(128 + (rest % 128));
  return Buffer.from([...octets, rest]);
}

/** A string literal, Huffman coded or not. */
export function string(text: string, isHuffman: boolean = false): Buffer {
  const bytes = isHuffman ? huffman(text) : Buffer.from(text, "latin1");
  return Buffer.concat([integer(isHuffman ? 0x80 : 0, 0x7f, bytes.length), bytes]);
}

/** A field as a literal: one that enters the table, or one that does not. */
export function literal(
  [name, value]: Field,
  how: "indexed" | "not-indexed" | "never-indexed" = "not-indexed",
): Buffer {
  const first = how === "indexed" ? 0x40 : how === "never-indexed" ? 0x10 : 0;
  return Buffer.concat([Buffer.from([first]), string(name), string(value)]);
}

/** A header block of literals that enter no table. */
export function block(fields: readonly Field[]): Buffer {
  return Buffer.concat(fields.map((field) => literal(field)));
}

/** `text` in the code of RFC 7541 appendix B, padded with ones. */
export function huffman(text: string): Buffer {
  let bits = "";
  for (const octet of Buffer.from(text, "latin1")) {
    const { bits: code, bitCount } = HUFFMAN_CODES[octet]!;
    bits += code.toString(2).padStart(bitCount, "0");
  }
  return bitsOf(bits.padEnd(Math.ceil(bits.length / 8) * 8, "1"));
}

/** Octets from a text of zeros and ones. */
export function bitsOf(bits: string): Buffer {
  return Buffer.from(bits.match(/.{8}/g)?.map((octet) => Number.parseInt(octet, 2)) ?? []);
}
