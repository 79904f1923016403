import { readSync } from "node:fs";

import { assert } from "../../base/assert.ts";
import { Arena } from "../../kernel/arena.ts";
import { returnArena, takeArena } from "../../kernel/spare-arenas.ts";
import type { BodyMemory } from "./body-memory.ts";
import { SpoolFile } from "./spool-file.ts";

/** What fits into the smallest arena. */
const SPARE_BYTES_MAX = 4 * 1024;

/** A file body is read back in pieces of this size. */
const READ_BYTES = 256 * 1024;

export interface BodySpoolOptions {
  /** Bytes one body may hold in memory before it goes to a file. */
  readonly memoryBytesMax: number;
  readonly memory: BodyMemory;
  /** Where files go; they have no name, so nothing is left behind whoever dies. */
  readonly directory: string;
  /** Where files go that are to have a name: private, and removed with what is in it by whoever made it. `null` where no file has one. */
  readonly namedDirectory: string | null;
}

/** A request body that has arrived in full. */
export interface SpooledBody {
  readonly byteLength: number;
  /** Hands the bytes over in order, piece by piece; may be called again. A piece is valid during its call. */
  read(write: (bytes: Uint8Array, start: number, end: number) => void): void;
  /**
   * Hands over the file the body is in, as its path, with the duty to remove it (`removeFile`); `null` for one in memory, or without a name.
   * Nothing else may be done with the body then, but to dispose of it.
   */
  takeFile(): string | null;
  /** Lets go of memory or file. Safe to call twice. */
  dispose(): void;
}

/** Who is told how spooling goes. */
export interface BodySpoolListener {
  /** The body is complete and stored. */
  onSpooled(body: SpooledBody): void;
  /** The disk is slower than the client: append nothing until `onSpoolDrained`. */
  onSpoolFull(): void;
  onSpoolDrained(): void;
  /** The file cannot be written: the disk is full, or the directory is gone. */
  onSpoolFailed(error: Error): void;
}

/**
 * Collects one request body: in memory at first, then in a file. Invariant: what it holds in memory is counted in `BodyMemory` until
 * `dispose`, and no more than `memoryBytesMax` of one body, plus what waits for the disk, is ever held.
 */
export class BodySpool implements SpooledBody {
  readonly #options: BodySpoolOptions;
  readonly #listener: BodySpoolListener;
  readonly #isNamed: boolean;
  #memory: Arena | null = null;
  #file: SpoolFile | null = null;
  #byteLength = 0;
  #isDisposed = false;

  /** @param intake how the body is taken: for `file` its file has a name. */
  constructor(options: BodySpoolOptions, listener: BodySpoolListener, intake: "whole" | "file" = "whole") {
    this.#options = options;
    this.#isNamed = intake === "file" && options.namedDirectory !== null;
    this.#listener = listener;
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  /** Copies `[start, end)`. A file that cannot be made or written is reported by `onSpoolFailed`, once. */
  append(bytes: Buffer, start: number, end: number): void {
    if (this.#isDisposed) return;
    const count = end - start;
    if (this.#file === null && this.#takeMemory(count)) {
      // Most bodies are small, and to make an arena costs more than to fill it.
      this.#memory ??= count <= SPARE_BYTES_MAX ? takeArena() : new Arena(count);
      this.#memory.writeBytes(bytes, start, end);
    } else {
      const file = this.#file ?? this.#moveToFile();
      if (file === null) return;
      file.append(bytes, start, end);
    }
    this.#byteLength += count;
  }

  /** The body is complete: calls `onSpooled` now, or when the disk has it. */
  end(): void {
    if (this.#isDisposed) return;
    if (this.#file === null) this.#listener.onSpooled(this);
    else this.#file.end();
  }

  read(write: (bytes: Uint8Array, start: number, end: number) => void): void {
    assert(!this.#isDisposed, "a body is read before it is disposed");
    if (this.#file === null) {
      if (this.#memory !== null) write(this.#memory.bytes, this.#memory.start, this.#memory.end);
      return;
    }
    const piece = Buffer.allocUnsafe(Math.min(READ_BYTES, this.#byteLength));
    for (let offset = 0; offset < this.#byteLength;) {
      const count = readSync(this.#file.fd, piece, 0, piece.length, offset);
      assert(count > 0, "a spooled body is as long as what was written");
      write(piece, 0, count);
      offset += count;
    }
  }

  takeFile(): string | null {
    return this.#file?.takePath() ?? null;
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#releaseMemory();
    this.#file?.close();
  }

  #takeMemory(count: number): boolean {
    const { memory, memoryBytesMax } = this.#options;
    return this.#byteLength + count <= memoryBytesMax && memory.tryTake(count);
  }

  #releaseMemory(): void {
    if (this.#memory === null) return;
    const arena = this.#memory;
    this.#memory = null;
    this.#options.memory.giveBack(arena.byteLength);
    arena.truncate(arena.start);
    returnArena(arena);
  }

  #moveToFile(): SpoolFile | null {
    const listener = this.#listener;
    const { directory, namedDirectory } = this.#options;
    try {
      this.#file = new SpoolFile((this.#isNamed ? namedDirectory : null) ?? directory, this.#isNamed, {
        onFull: () => listener.onSpoolFull(),
        onDrained: () => listener.onSpoolDrained(),
        onFinished: () => listener.onSpooled(this),
        onFailed: (error) => this.#fail(error),
      });
    } catch (error) {
      this.#fail(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
    if (this.#memory !== null) this.#file.append(this.#memory.bytes, this.#memory.start, this.#memory.end);
    this.#releaseMemory();
    return this.#file;
  }

  #fail(error: Error): void {
    this.dispose();
    this.#listener.onSpoolFailed(error);
  }
}
