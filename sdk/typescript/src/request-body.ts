import type { WireMap } from "./msgpack-reader.ts";

/** Whatever the platform's `Request` takes for a body. */
export type RequestBody = Blob | ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer>;

/** What a body in parts needs of the connection. */
export interface BodySource {
  /** The engine may send so many bytes more. */
  grant(byteCount: number): void;
}

/** A body that arrives while the app runs. docs/reference/wire.md W2.30 to W2.34. */
export class StreamedBody {
  readonly stream: ReadableStream<Uint8Array>;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  readonly #source: BodySource;
  readonly #windowBytes: number;
  /** Taken by the app and not granted yet: half a window is granted at once. */
  #owedBytes = 0;
  #queued: Uint8Array[] = [];
  #isOver = false;
  #wantsMore: (() => void) | null = null;

  /** `windowBytes` is what the engine may send before anything is granted. */
  constructor(source: BodySource, windowBytes: number) {
    this.#source = source;
    this.#windowBytes = windowBytes;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#close(),
      },
      { highWaterMark: 0 },
    );
  }

  /** Takes what has come. */
  push(bytes: Uint8Array): void {
    if (this.#isOver) return;
    this.#queued.push(bytes);
    this.#wantsMore?.();
  }

  /** The body is complete. */
  end(): void {
    this.#isOver = true;
    this.#wantsMore?.();
  }

  /** The body will never be whole: who reads it must not take it for complete. `state` says why. */
  abort(state: string): void {
    if (this.#isOver) return;
    this.#close();
    this.#controller.error(new Error(`Cannot read the request's body: ${state}`));
  }

  #close(): void {
    this.#isOver = true;
    this.#queued = [];
    this.#wantsMore?.();
  }

  async #pull(): Promise<void> {
    if (this.#queued.length === 0 && !this.#isOver) {
      await new Promise<void>((resolve) => {
        this.#wantsMore = resolve;
      });
      this.#wantsMore = null;
    }
    const next = this.#queued.shift();
    if (next !== undefined) {
      this.#controller.enqueue(next);
      this.#owe(next.length);
    } else if (this.#isOver) closeQuietly(this.#controller);
  }

  #owe(byteCount: number): void {
    this.#owedBytes += byteCount;
    if (this.#isOver || this.#owedBytes * 2 < this.#windowBytes) return;
    this.#source.grant(this.#owedBytes);
    this.#owedBytes = 0;
  }
}

/** An aborted stream cannot be closed, and need not be. */
function closeQuietly(controller: ReadableStreamDefaultController<Uint8Array>): void {
  try {
    controller.close();
  } catch {
    // It has failed or was cancelled.
  }
}

/** A body that is complete and came by value; `null` when there is none. */
export function wholeBody({ body }: WireMap): RequestBody | null {
  if (body instanceof Uint8Array) return body.length === 0 ? null : (body as Uint8Array<ArrayBuffer>);
  return typeof body === "string" && body !== "" ? Buffer.from(body, "latin1") : null;
}
