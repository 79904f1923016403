import { assert } from "../../base/assert.ts";

/** What an entry takes beyond its octets. RFC 7541 §4.1. */
export const ENTRY_OVERHEAD_BYTES = 32;

/** Text memory and entries' places of a table that has just got its first entry: most clients repeat a dozen fields. */
const TEXT_BYTES_MIN = 512;
const ENTRY_COUNT_MIN = 16;
/** Words an entry takes in the ring. */
const WORDS_PER_ENTRY = 3;

const NO_TEXT = Buffer.alloc(0);
const NO_ENTRIES = new Uint32Array(0);

/**
 * The dynamic table of one direction of a connection (RFC 7541 §2.3.2 and §4): entries by age, the newest at 0, the oldest dropped first.
 *
 * Invariant: `byteLength`, counted with 32 bytes an entry, never exceeds the capacity. Names and values lie one after the other in one
 * buffer of at most twice the largest capacity, so an entry costs no object; a table that never got an entry holds no memory.
 */
export class DynamicTable {
  readonly #capacityMax: number;
  #capacity: number;
  #byteLength = 0;
  #count = 0;
  /** Octets of the entries from the oldest to the newest at `[#start, #end)`. */
  #text: Buffer = NO_TEXT;
  #start = 0;
  #end = 0;
  /** A ring of (start of the name, start of the value, end of the value), which grows. */
  #entries: Uint32Array = NO_ENTRIES;
  #newest = 0;
  /** Entries that the ring has places for. */
  #room = 0;

  /** @param capacityMax what the capacity is at first and may be set to, in bytes. */
  constructor(capacityMax: number) {
    this.#capacityMax = capacityMax;
    this.#capacity = capacityMax;
  }

  get count(): number {
    return this.#count;
  }

  /** The size of the table by RFC 7541 §4.1, in bytes. */
  get byteLength(): number {
    return this.#byteLength;
  }

  get capacityMax(): number {
    return this.#capacityMax;
  }

  /** The octets that the offsets below are in; good until the next `add`. */
  get text(): Buffer {
    return this.#text;
  }

  /** Of the entry at `age`, 0 being the newest. */
  nameStart(age: number): number {
    return this.#entries[this.#slot(age)]!;
  }

  valueStart(age: number): number {
    return this.#entries[this.#slot(age) + 1]!;
  }

  valueEnd(age: number): number {
    return this.#entries[this.#slot(age) + 2]!;
  }

  /** Drops entries until the rest fits. @param capacity at most `capacityMax`. */
  resize(capacity: number): void {
    assert(capacity <= this.#capacityMax, "a table is no larger than was agreed");
    this.#capacity = capacity;
    this.#evict(capacity);
  }

  /** Adds the entry whose name and value are adjacent in `source`. One larger than the table empties it (RFC 7541 §4.4). */
  add(source: Buffer, nameStart: number, valueStart: number, valueEnd: number): void {
    const octets = valueEnd - nameStart;
    const size = octets + ENTRY_OVERHEAD_BYTES;
    this.#evict(this.#capacity - size);
    if (size > this.#capacity) return;
    if (this.#count === this.#room) this.#grow();
    if (this.#text.length - this.#end < octets) this.#makeRoom(octets);
    const start = this.#end;
    source.copy(this.#text, start, nameStart, valueEnd);
    this.#end = start + octets;
    this.#byteLength += size;
    this.#count++;
    this.#newest = (this.#newest + 1) % this.#room;
    const at = this.#newest * WORDS_PER_ENTRY;
    this.#entries[at] = start;
    this.#entries[at + 1] = start + valueStart - nameStart;
    this.#entries[at + 2] = this.#end;
  }

  #slot(age: number): number {
    const index = this.#newest - age;
    return (index < 0 ? index + this.#room : index) * WORDS_PER_ENTRY;
  }

  /** Drops the oldest entries until `byteLength` is at most `bytes`; all of them when it is negative. */
  #evict(bytes: number): void {
    while (this.#byteLength > bytes && this.#count > 0) {
      const oldest = this.#count - 1;
      this.#start = this.valueEnd(oldest);
      this.#byteLength -= this.#start - this.nameStart(oldest) + ENTRY_OVERHEAD_BYTES;
      this.#count = oldest;
    }
    if (this.#count === 0) this.#start = this.#end = 0;
  }

  /** Makes places for more entries, the oldest at the start of the ring. */
  #grow(): void {
    if (this.#room === 0) this.#text = Buffer.allocUnsafeSlow(TEXT_BYTES_MIN);
    const room = Math.max(ENTRY_COUNT_MIN, 2 * this.#room);
    const entries = new Uint32Array(room * WORDS_PER_ENTRY);
    for (let age = this.#count - 1; age >= 0; age--) {
      const at = this.#slot(age);
      entries.set(this.#entries.subarray(at, at + WORDS_PER_ENTRY), (this.#count - 1 - age) * WORDS_PER_ENTRY);
    }
    this.#entries = entries;
    this.#room = room;
    this.#newest = this.#count === 0 ? 0 : this.#count - 1;
  }

  /** Moves the octets of the living entries to the front, of a larger buffer where they would fill more than half of this one. */
  #makeRoom(octets: number): void {
    const living = this.#end - this.#start;
    let length = this.#text.length;
    while (length < 2 * (living + octets)) length *= 2;
    const text = length === this.#text.length ? this.#text : Buffer.allocUnsafeSlow(length);
    this.#text.copy(text, 0, this.#start, this.#end);
    for (let age = 0; age < this.#count; age++) {
      const at = this.#slot(age);
      for (let word = 0; word < WORDS_PER_ENTRY; word++) this.#entries[at + word]! -= this.#start;
    }
    this.#text = text;
    this.#start = 0;
    this.#end = living;
  }
}
