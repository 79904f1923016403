import { Upload, type UploadOptions } from "./upload.ts";

/** What the bodies on their way to one worker share. */
export interface UploadsOptions extends Pick<UploadOptions, "write" | "windowBytes"> {
  /** Called when, in a request's body, it is another side's turn: the client's to send, or the worker's to read. */
  readonly onTurn: (id: number) => void;
}

/** The bodies that are on their way to one worker, by the ids of their requests. */
export class Uploads {
  readonly #options: UploadsOptions;
  readonly #uploads = new Map<number, Upload>();

  constructor(options: UploadsOptions) {
    this.#options = options;
  }

  /** True from the begin of a request whose body is in parts to its answer. */
  get isAny(): boolean {
    return this.#uploads.size > 0;
  }

  /** True while it is the client of that request who is waited for. */
  awaitsClient(id: number): boolean {
    return this.#uploads.get(id)?.awaitsClient === true;
  }

  /** Begins to send the body of a request that was just written. */
  start({ call, source, id }: Pick<UploadOptions, "call" | "source" | "id">): void {
    const { write, windowBytes } = this.#options;
    const onTurn = (): void => this.#options.onTurn(id);
    const upload = new Upload({ write, windowBytes, onTurn, call, source, id });
    this.#uploads.set(id, upload);
    upload.start();
    onTurn();
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
