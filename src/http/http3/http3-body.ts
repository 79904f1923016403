import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import type { BodyWriter } from "../response-writer.ts";

/** What a body in parts needs of the request it answers. */
export interface Http3BodyOptions {
  readonly wheel: TimerWheel;
  /** How long content may wait for its client. */
  readonly stallMs: number;
  readonly onTaken: (byteCount: number) => void;
  /** The client has left. */
  readonly onLeft: () => void;
  /** The client has taken nothing for `stallMs`; what waited is dropped. */
  readonly onStalled: () => void;
}

/**
 * A response body in parts as a stream that the runtime pulls from: it does so while the client's windows are open, so what is written counts
 * as taken when it is pulled, and a client that stops reading stops its source.
 *
 * An aborted body is never closed. The runtime can end a stream of HTTP/3, and cannot reset one: even an error ends it as if it were
 * complete. So the client is left without an end until its connection has been idle for too long or it gives up itself.
 */
export class Http3Body implements BodyWriter, DeadlineOwner {
  readonly stream: ReadableStream<Uint8Array>;
  readonly #options: Http3BodyOptions;
  readonly #stall = new Deadline(this);
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #waiting: Uint8Array[] = [];
  /** Set while the runtime waits for content. */
  #pulled: PromiseWithResolvers<void> | null = null;
  #state: "open" | "ended" | "aborted" | "over" = "open";

  constructor(options: Http3BodyOptions) {
    this.#options = options;
    this.stream = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
        },
        pull: () => this.#pull(),
        cancel: () => this.#leave(),
      },
      // No queue of its own: what waits, waits here, where it is counted.
      { highWaterMark: 0 },
    );
  }

  write(bytes: Buffer, start: number, end: number): void {
    if (this.#state !== "open") return;
    this.#waiting.push(Uint8Array.prototype.slice.call(bytes, start, end));
    if (this.#pulled !== null) this.#hand();
    else if (!this.#stall.isSet) this.#setStall();
  }

  /** The runtime sends no trailers. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ended";
    if (this.#pulled !== null) this.#hand();
  }

  abort(): void {
    if (this.#state === "open") this.#state = "aborted";
  }

  onDeadline(): void {
    if (this.#state === "over") return;
    this.#state = "aborted";
    this.#waiting = [];
    this.#options.onStalled();
  }

  #pull(): Promise<void> {
    this.#pulled = Promise.withResolvers<void>();
    const { promise } = this.#pulled;
    this.#hand();
    return promise;
  }

  /** Gives the runtime, which waits for it, the next part or the end. */
  #hand(): void {
    const { wheel, onTaken } = this.#options;
    const part = this.#waiting.shift();
    if (part === undefined) {
      if (this.#state !== "ended") return;
      this.#over();
      this.#controller.close();
    } else {
      if (this.#waiting.length === 0) wheel.clear(this.#stall);
      else this.#setStall();
      this.#controller.enqueue(part);
    }
    this.#pulled?.resolve();
    this.#pulled = null;
    if (part !== undefined) onTaken(part.length);
  }

  #leave(): void {
    if (this.#state === "over") return;
    this.#over();
    this.#options.onLeft();
  }

  #over(): void {
    this.#state = "over";
    this.#waiting = [];
    this.#options.wheel.remove(this.#stall);
  }

  #setStall(): void {
    const { wheel, stallMs } = this.#options;
    if (stallMs > 0) wheel.set(this.#stall, stallMs);
  }
}
