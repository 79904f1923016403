import { Arena } from "../../kernel/arena.ts";
import { type FormLimits, formTooLarge } from "../../protocols/form/form-limits.ts";
import type { FormType } from "../../protocols/form/form-type.ts";
import { MultipartDecoder, type MultipartSink } from "../../protocols/form/multipart-decoder.ts";
import type { PartHead } from "../../protocols/form/part-head.ts";
import { UrlencodedDecoder } from "../../protocols/form/urlencoded-decoder.ts";
import { HttpError } from "../../protocols/http/http-error.ts";
import type { RequestStream, RequestStreamReader } from "../body/request-stream.ts";
import { Form, type FormFile } from "./form.ts";
import { FormUpload, type FormUploadListener } from "./form-upload.ts";

/** Of a form that may be on its way: as much as a client sends before it has to wait for the disk. */
const WINDOW_BYTES = 256 * 1024;

/** What a field costs beside its bytes, so that empty ones are not free. */
const FIELD_OVERHEAD_BYTES = 128;

export interface FormReaderOptions {
  readonly body: RequestStream;
  readonly type: FormType;
  readonly limits: FormLimits;
  /** The form is complete, its files on disk; it is the owner's to dispose of. */
  readonly onForm: (form: Form) => void;
  /** The body is no form, or one over a limit: nothing more of it is read. */
  readonly onRefused: (error: HttpError) => void;
}

/**
 * Reads a form from the body of a request while it arrives: fields into memory, files into a directory of the engine's own.
 *
 * Invariant: fields are within the limits and counted in the memory of bodies, at most the window waits beside what waits for the disk, and
 * no file stays unless the form was handed over.
 */
export class FormReader implements RequestStreamReader, MultipartSink, FormUploadListener {
  readonly #options: FormReaderOptions;
  readonly #form: Form;
  readonly #decoder: Pick<MultipartDecoder, "decode" | "end">;
  #fieldCount = 0;
  #fileCount = 0;
  #fieldsBytes = 0;
  /** The part that is arriving: a field, a file, or a file input of which there is nothing yet. */
  #fieldName: Buffer | null = null;
  readonly #value = new Arena();
  #upload: FormUpload | null = null;
  #unnamed: PartHead | null = null;
  /** Files that the disk does not have yet, the one that is arriving among them, in their order. */
  readonly #pending: (FormUpload | FormFile)[] = [];
  #fullCount = 0;
  /** Decoded, and not granted again while the disk is behind. */
  #owedBytes = 0;
  #isComplete = false;
  #isOver = false;

  constructor(options: FormReaderOptions) {
    const { type, limits, body } = options;
    this.#options = options;
    this.#form = new Form(body.spool.memory);
    this.#decoder =
      type.kind === "multipart"
        ? new MultipartDecoder(type.boundary, limits, this)
        : new UrlencodedDecoder(limits, (name, value) => this.#addField(name, value));
  }

  /** Begins to read. */
  start(): void {
    this.#options.body.open(this, WINDOW_BYTES);
  }

  /** Nobody wants the form any more. Safe to call at any time; one that was handed over is its owner's. */
  cancel(): void {
    if (this.#isOver) return;
    this.#stop();
    this.#options.body.close();
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.#attempt(() => this.#decoder.decode(bytes, start, end));
    this.#owedBytes += end - start;
    this.#grant();
  }

  onBodyEnd(): void {
    this.#attempt(() => this.#decoder.end());
    this.#isComplete = true;
    this.#finish();
  }

  onBodyAborted(): void {
    if (!this.#isOver) this.#stop();
  }

  onPart(head: PartHead): void {
    const { name, filename } = head;
    if (filename === null) {
      this.#fieldName = name;
      return;
    }
    const { fileCountMax } = this.#options.limits;
    if (++this.#fileCount > fileCountMax) throw formTooLarge("max_files", fileCountMax);
    this.#countField(name.length + filename.length + head.type.length);
    if (filename.length === 0) this.#unnamed = head;
    else this.#openUpload(head);
  }

  onPartBytes(bytes: Buffer, start: number, end: number): void {
    if (this.#isOver) return;
    const { fieldBytesMax, fileBytesMax } = this.#options.limits;
    if (this.#fieldName !== null) {
      if (this.#value.byteLength + end - start > fieldBytesMax) throw formTooLarge("max_field_size", fieldBytesMax);
      this.#countField(end - start, 0);
      this.#value.writeBytes(bytes, start, end);
      return;
    }
    if (this.#unnamed !== null) this.#openUpload(this.#unnamed);
    const upload = this.#upload;
    if (upload === null) return;
    if (upload.byteLength + end - start > fileBytesMax) throw formTooLarge("max_file_size", fileBytesMax);
    upload.append(bytes, start, end);
  }

  onPartEnd(): void {
    const name = this.#fieldName;
    const upload = this.#upload;
    this.#fieldName = this.#upload = this.#unnamed = null; // Nothing was chosen in a file input without a name and content.
    upload?.end();
    if (name === null) return;
    const { bytes, start, end } = this.#value;
    this.#value.truncate(start);
    this.#addField(name, Buffer.from(bytes.subarray(start, end)), name.length);
  }

  onUploadFull(): void {
    this.#fullCount++;
  }

  onUploadDrained(): void {
    this.#fullCount--;
    this.#grant();
  }

  onUploadStored(upload: FormUpload, file: FormFile): void {
    this.#pending[this.#pending.indexOf(upload)] = file;
    this.#finish();
  }

  onUploadFailed(error: Error): void {
    if (this.#isOver) return;
    this.#stop();
    this.#options.body.fail(error);
  }

  /** What breaks a rule or a limit ends it. */
  #attempt(decode: () => void): void {
    if (this.#isOver) return;
    try {
      decode();
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      this.cancel();
      this.#options.onRefused(error);
    }
  }

  #openUpload(head: PartHead): void {
    this.#unnamed = null;
    const { namedDirectory } = this.#options.body.spool;
    try {
      if (namedDirectory === null) throw new Error("Cannot store a file: there is no directory for it, one is needed");
      this.#upload = new FormUpload(head, namedDirectory, this);
      this.#pending.push(this.#upload);
    } catch (error) {
      this.onUploadFailed(error as Error);
    }
  }

  /** @param countedBytes of it that are to be counted; a value that has arrived in parts has been. */
  #addField(name: Buffer, value: Buffer, countedBytes: number = name.length + value.length): void {
    if (this.#isOver) return;
    const { fieldCountMax } = this.#options.limits;
    if (++this.#fieldCount > fieldCountMax) throw formTooLarge("max_fields", fieldCountMax);
    this.#countField(countedBytes);
    this.#form.fields.push({ name, value });
  }

  #countField(byteCount: number, overheadBytes: number = FIELD_OVERHEAD_BYTES): void {
    const { fieldsBytesMax } = this.#options.limits;
    this.#fieldsBytes += byteCount;
    if (this.#fieldsBytes > fieldsBytesMax) throw formTooLarge("max_fields_size", fieldsBytesMax);
    if (this.#isOver || this.#form.tryTake(byteCount + overheadBytes)) return;
    this.onUploadFailed(
      new Error("Cannot keep the fields of a form: server.body_memory_total is used up, less is needed"),
    );
  }

  #grant(): void {
    const byteCount = this.#owedBytes;
    if (this.#isOver || this.#fullCount > 0 || byteCount === 0) return;
    this.#owedBytes = 0;
    this.#options.body.grant(byteCount);
  }

  /** Hands the form over when all of it is here and on disk. */
  #finish(): void {
    const files = this.#pending;
    if (!this.#isComplete || this.#isOver || !files.every((file): file is FormFile => !(file instanceof FormUpload)))
      return;
    this.#isOver = true;
    this.#form.files.push(...files);
    this.#options.onForm(this.#form);
  }

  #stop(): void {
    this.#isOver = true;
    for (const file of this.#pending) {
      if (file instanceof FormUpload) file.cancel();
      else this.#form.files.push(file);
    }
    this.#form[Symbol.dispose]();
  }
}
