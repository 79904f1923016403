import { assert } from "../../base/assert.ts";
import { isTextIgnoringCase, toLowerCase } from "./octet-text.ts";

/** Words a field takes in `offsets`. */
const WORDS_PER_FIELD = 5;

/**
 * The fields (headers or trailers) of one message as offsets into the bytes they came in: order, case, duplicates and raw bytes are kept,
 * and no string is made. Shared by every HTTP version and by worker responses.
 *
 * Reused from message to message: it is valid until its owner decodes the next one. Names are validated tokens and values are validated
 * field content (RFC 9110 §5) with surrounding white space left out, by whoever fills it.
 */
export class FieldBlock {
  bytes: Buffer = Buffer.alloc(0);
  count = 0;
  #offsets: Uint32Array;

  /** @param count fields it has room for before it grows; at least 1. */
  constructor(count: number = 128) {
    assert(count > 0, "a field block has room to grow from");
    this.#offsets = new Uint32Array(count * WORDS_PER_FIELD);
  }

  clear(bytes: Buffer): void {
    this.bytes = bytes;
    this.count = 0;
  }

  /** Appends a field. `nameHash` is a case-insensitive hash of the name (see `hashName`): equal names have equal hashes. */
  add(nameStart: number, nameEnd: number, valueStart: number, valueEnd: number, nameHash: number): void {
    const at = this.count * WORDS_PER_FIELD;
    if (at === this.#offsets.length) this.#grow();
    const offsets = this.#offsets;
    offsets[at] = nameStart;
    offsets[at + 1] = nameEnd;
    offsets[at + 2] = valueStart;
    offsets[at + 3] = valueEnd;
    offsets[at + 4] = nameHash;
    this.count++;
  }

  /** Lets a field have another value of the same bytes. */
  setValue(index: number, valueStart: number, valueEnd: number): void {
    const at = index * WORDS_PER_FIELD;
    this.#offsets[at + 2] = valueStart;
    this.#offsets[at + 3] = valueEnd;
  }

  /** Leaves every field named `lowerCaseName` out; those behind it move up. */
  remove(lowerCaseName: string): void {
    for (let index = this.find(lowerCaseName, 0); index !== -1; index = this.find(lowerCaseName, index)) {
      const at = index * WORDS_PER_FIELD;
      this.#offsets.copyWithin(at, at + WORDS_PER_FIELD, this.count * WORDS_PER_FIELD);
      this.count--;
    }
  }

  nameStart(index: number): number {
    return this.#offsets[index * WORDS_PER_FIELD]!;
  }

  nameEnd(index: number): number {
    return this.#offsets[index * WORDS_PER_FIELD + 1]!;
  }

  valueStart(index: number): number {
    return this.#offsets[index * WORDS_PER_FIELD + 2]!;
  }

  valueEnd(index: number): number {
    return this.#offsets[index * WORDS_PER_FIELD + 3]!;
  }

  nameHash(index: number): number {
    return this.#offsets[index * WORDS_PER_FIELD + 4]!;
  }

  /** The name as received, one UTF-16 unit a byte. Makes a string: not for hot paths. */
  name(index: number): string {
    return this.bytes.toString("latin1", this.nameStart(index), this.nameEnd(index));
  }

  /** The value as received, one UTF-16 unit a byte. Makes a string: not for hot paths. */
  value(index: number): string {
    return this.bytes.toString("latin1", this.valueStart(index), this.valueEnd(index));
  }

  /** The first value of `lowerCaseName`, or `null`. Makes strings only for the field it finds. */
  get(lowerCaseName: string): string | null {
    const index = this.find(lowerCaseName, 0);
    return index === -1 ? null : this.value(index);
  }

  /** The index of the first field named `lowerCaseName` at or after `from`, or -1. */
  find(lowerCaseName: string, from: number): number {
    return this.findHashed(lowerCaseName, hashName(lowerCaseName), from);
  }

  /** The same, for whoever looks for a name often and keeps its hash. */
  findHashed(lowerCaseName: string, hash: number, from: number): number {
    for (let index = from; index < this.count; index++) {
      if (this.nameHash(index) === hash && this.isNamed(index, lowerCaseName)) return index;
    }
    return -1;
  }

  /** True when the field at `index` is named `lowerCaseName`, letter case aside. */
  isNamed(index: number, lowerCaseName: string): boolean {
    return isTextIgnoringCase(this.bytes, this.nameStart(index), this.nameEnd(index), lowerCaseName);
  }

  /** True when two fields of this block have the same name, letter case aside. */
  isSameName(a: number, b: number): boolean {
    if (this.nameHash(a) !== this.nameHash(b)) return false;
    const { bytes } = this;
    let from = this.nameStart(a);
    let other = this.nameStart(b);
    const end = this.nameEnd(a);
    if (end - from !== this.nameEnd(b) - other) return false;
    for (; from < end; from++, other++) {
      if (toLowerCase(bytes[from]!) !== toLowerCase(bytes[other]!)) return false;
    }
    return true;
  }

  /** A copy that owns its memory. The fields of this block have to be in the order of their bytes, as decoders leave them. */
  clone(): FieldBlock {
    if (this.count === 0) return new FieldBlock(1);
    const base = this.nameStart(0);
    return this.cloneOnto(Buffer.from(this.bytes.subarray(base, this.valueEnd(this.count - 1))), base);
  }

  /** A copy that owns its memory: `bytes` is the copied message, `base` the offset in this block's bytes that is 0 in it. */
  cloneOnto(bytes: Buffer, base: number): FieldBlock {
    const copy = new FieldBlock(Math.max(this.count, 1));
    copy.clear(bytes);
    const words = this.count * WORDS_PER_FIELD;
    for (let at = 0; at < words; at++) copy.#offsets[at] = this.#offsets[at]! - (at % WORDS_PER_FIELD === 4 ? 0 : base);
    copy.count = this.count;
    return copy;
  }

  #grow(): void {
    const offsets = new Uint32Array(this.#offsets.length * 2);
    offsets.set(this.#offsets);
    this.#offsets = offsets;
  }
}

/** The hash that `FieldBlock.add` expects, of a lower-case ASCII name. Decoders compute it byte by byte: `(Math.imul(hash, 31) + (byte | 0x20)) >>> 0`, from 0. */
export function hashName(lowerCaseName: string): number {
  let hash = 0;
  for (let i = 0; i < lowerCaseName.length; i++)
    hash = (Math.imul(hash, 31) + (lowerCaseName.charCodeAt(i) | 0x20)) >>> 0;
  return hash;
}
