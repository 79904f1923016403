import { Upload, type UploadOptions } from "./upload.ts";

/** The bodies that are on their way to one worker, by the ids of their requests. */
export class Uploads {
  readonly #options: Pick<UploadOptions, "output" | "windowBytes" | "onTurn">;
  readonly #uploads = new Map<number, Upload>();

  constructor(options: Pick<UploadOptions, "output" | "windowBytes" | "onTurn">) {
    this.#options = options;
  }

  /** True from the begin of a request whose body is in parts to its answer. */
  get isAny(): boolean {
    return this.#uploads.size > 0;
  }

  /** True while a client is waited for. */
  get awaitsClient(): boolean {
    for (const upload of this.#uploads.values()) if (upload.awaitsClient) return true;
    return false;
  }

  /** Begins to send the body of a request that was just written. */
  start({ call, source, id }: Pick<UploadOptions, "call" | "source" | "id">): void {
    const upload = new Upload({ ...this.#options, call, source, id });
    this.#uploads.set(id, upload);
    upload.start();
    this.#options.onTurn();
  }

  /** Takes credit of the worker; what comes for a request that was answered meanwhile means nothing. @throws {WorkerLinkError} */
  grant(id: number, byteCount: number): void {
    this.#uploads.get(id)?.grant(byteCount);
  }

  /** The request was answered: what is left of its body, if it has one in parts, is not sent. */
  stop(id: number): void {
    this.#uploads.get(id)?.stop();
    this.#uploads.delete(id);
  }

  /** The worker is lost. */
  loseAll(): void {
    for (const upload of this.#uploads.values()) upload.lose();
    this.#uploads.clear();
  }
}
