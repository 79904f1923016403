import type { AssemblyMemory } from "./assembly-memory.ts";
import { outOfMemory } from "./websocket-error.ts";

const EMPTY = Buffer.alloc(0);
const CAPACITY_BYTES_MIN = 1024;

/**
 * Collects a message that does not arrive in one piece. It doubles as bytes *arrive*: what a header announces allocates nothing, and
 * every byte of capacity is taken from the memory that all connections share, and given back by `clear`.
 */
export class MessageBuffer {
  bytes: Buffer = EMPTY;
  byteLength = 0;
  readonly #memory: AssemblyMemory;
  readonly #bytesMax: number;

  /** @param bytesMax of one message; the caller appends no more than that. */
  constructor(memory: AssemblyMemory, bytesMax: number) {
    this.#memory = memory;
    this.#bytesMax = bytesMax;
  }

  /** @throws {WebSocketError} 1013 when the shared memory is exhausted. */
  append(bytes: Buffer, start: number, end: number): void {
    const needed = this.byteLength + end - start;
    if (needed > this.bytes.length) this.#grow(needed);
    bytes.copy(this.bytes, this.byteLength, start, end);
    this.byteLength = needed;
  }

  /** Lets go of the memory. */
  clear(): void {
    this.#memory.giveBack(this.bytes.length);
    this.bytes = EMPTY;
    this.byteLength = 0;
  }

  #grow(needed: number): void {
    let capacity = Math.max(this.bytes.length, CAPACITY_BYTES_MIN);
    while (capacity < needed) capacity *= 2;
    capacity = Math.min(capacity, Math.max(this.#bytesMax, needed));
    if (!this.#memory.tryTake(capacity - this.bytes.length)) throw outOfMemory();
    const bytes = Buffer.allocUnsafeSlow(capacity);
    this.bytes.copy(bytes, 0, 0, this.byteLength);
    this.bytes = bytes;
  }
}
