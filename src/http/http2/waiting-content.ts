import { Arena } from "../../kernel/arena.ts";
import type { SpillFile } from "./spill-file.ts";

/** Content of a response that waits for its client, wherever it is kept. */
export interface WaitingContent {
  readonly byteLength: number;
  /** Bytes of memory it takes. */
  readonly memoryBytes: number;
  /** Where the next bytes are after `load`, until the next call. */
  readonly bytes: Buffer;
  readonly start: number;
  /** Makes the next `count` bytes, at most all of them, available. */
  load(count: number): void;
  append(bytes: Buffer, start: number, end: number): void;
  consume(count: number): void;
  /** Lets go of what is left. */
  dispose(): void;
}

/** Content in memory. */
export class ContentInMemory implements WaitingContent {
  readonly #arena: Arena;

  constructor(bytes: Buffer, start: number, end: number) {
    this.#arena = new Arena(end - start);
    this.append(bytes, start, end);
  }

  get byteLength(): number {
    return this.#arena.byteLength;
  }

  get memoryBytes(): number {
    return this.#arena.byteLength;
  }

  get bytes(): Buffer {
    return this.#arena.bytes;
  }

  get start(): number {
    return this.#arena.start;
  }

  load(): void {
    // It is where it is.
  }

  append(bytes: Buffer, start: number, end: number): void {
    this.#arena.writeBytes(bytes, start, end);
  }

  consume(count: number): void {
    this.#arena.consume(count);
  }

  dispose(): void {
    this.#arena.truncate(this.#arena.start);
  }
}

/** Bytes of the largest piece that is loaded at once: a frame's. */
const LOADED_BYTES_MAX = 16 * 1024;

/** One serves all: what is loaded is sent before anything else is. */
const loaded = Buffer.allocUnsafeSlow(LOADED_BYTES_MAX);

/** Content in a connection's spill file, complete from the beginning. */
export class ContentInFile implements WaitingContent {
  readonly memoryBytes = 0;
  readonly bytes: Buffer = loaded;
  readonly start = 0;
  readonly #file: SpillFile;
  #offset: number;
  #byteLength: number;

  /** @throws the system's error when the file does not take it. */
  constructor(file: SpillFile, bytes: Buffer, start: number, end: number) {
    this.#file = file;
    this.#offset = file.write(bytes, start, end);
    this.#byteLength = end - start;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  load(count: number): void {
    this.#file.read(this.#offset, loaded, Math.min(count, this.#byteLength, LOADED_BYTES_MAX));
  }

  append(): never {
    throw new Error("Cannot append to content in a file: it was complete when it was written");
  }

  consume(count: number): void {
    this.#offset += count;
    this.#byteLength -= count;
    if (this.#byteLength === 0) this.#file.release();
  }

  dispose(): void {
    if (this.#byteLength > 0) this.consume(this.#byteLength);
  }
}
