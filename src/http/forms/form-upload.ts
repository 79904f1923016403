import type { PartHead } from "../../protocols/form/part-head.ts";
import { SpoolFile } from "../body/spool-file.ts";
import type { FormFile } from "./form.ts";

/** Who is told how the files of a form get to the disk. */
export interface FormUploadListener {
  /** The disk is slower than the client: append nothing until `onUploadDrained`. */
  onUploadFull(): void;
  onUploadDrained(): void;
  /** All of it is written; the file is the listener's to remove. */
  onUploadStored(upload: FormUpload, file: FormFile): void;
  onUploadFailed(error: Error): void;
}

/** One file of a form on its way to the disk. Its descriptor is open until all of it is written. */
export class FormUpload {
  readonly #head: PartHead;
  readonly #file: SpoolFile;
  #byteLength = 0;

  /** @throws the system's error when the file cannot be made. */
  constructor(head: PartHead, directory: string, listener: FormUploadListener) {
    this.#head = head;
    this.#file = new SpoolFile(directory, true, {
      onFull: () => listener.onUploadFull(),
      onDrained: () => listener.onUploadDrained(),
      onFinished: () => listener.onUploadStored(this, this.#take()),
      onFailed: (error) => listener.onUploadFailed(error),
    });
  }

  get byteLength(): number {
    return this.#byteLength;
  }

  append(bytes: Buffer, start: number, end: number): void {
    this.#byteLength += end - start;
    this.#file.append(bytes, start, end);
  }

  /** Its content is complete: `onUploadStored` follows, now or when the disk has it. */
  end(): void {
    this.#file.end();
  }

  /** Removes what is there of it. */
  cancel(): void {
    this.#file.close();
  }

  #take(): FormFile {
    const { name, filename, type } = this.#head;
    const path = this.#file.takePath()!;
    this.#file.close();
    return { name, filename: filename ?? Buffer.alloc(0), type, path, byteLength: this.#byteLength };
  }
}
