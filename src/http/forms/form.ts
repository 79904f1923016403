import type { BodyMemory } from "../body/body-memory.ts";
import { removeFile } from "../body/spool-file.ts";

/** A field of a form: bytes as the client sent them, decoded from their form's encoding and not from their text's. */
export interface FormField {
  readonly name: Buffer;
  readonly value: Buffer;
}

/** A file that came with a form, whole and on disk. */
export interface FormFile {
  /** Of the field. */
  readonly name: Buffer;
  /** What the client calls it, without a path; empty where nothing of it is a name. */
  readonly filename: Buffer;
  /** The media type as the client gives it; empty for none. */
  readonly type: Buffer;
  readonly path: string;
  readonly byteLength: number;
}

/** A form that has been read. Fields and files are in the order in which they came. */
export class Form implements Disposable {
  readonly fields: FormField[] = [];
  readonly files: FormFile[] = [];
  readonly #memory: BodyMemory;
  #bytes = 0;

  /** @param memory what its fields are counted in as long as it lives. */
  constructor(memory: BodyMemory) {
    this.#memory = memory;
  }

  /** Makes room for `count` bytes of fields; false when there is none. */
  tryTake(count: number): boolean {
    if (!this.#memory.tryTake(count)) return false;
    this.#bytes += count;
    return true;
  }

  /**
   * Moves its files to where `move` puts each one.
   *
   * @throws what `move` throws; what it has moved by then stays the form's.
   */
  moveFiles(move: (path: string) => string): void {
    for (const [index, file] of this.files.entries()) this.files[index] = { ...file, path: move(file.path) };
  }

  /** Lets go of it and removes its files; who has moved one elsewhere keeps it. Safe to call twice. */
  [Symbol.dispose](): void {
    this.#memory.giveBack(this.#bytes);
    this.#bytes = 0;
    for (const { path } of this.files) removeFile(path);
    this.files.length = 0;
  }
}
