import type { ReadableStream, ReadableStreamDefaultReader } from "node:stream/web";

import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import { LineSplitter } from "./line-splitter.ts";

/** A line that does not go on for this long is shown as it is: `echo "here"` writes no line end. */
const QUIET_MS = 100;

export interface OutputCaptureOptions {
  readonly stream: ReadableStream<Uint8Array>;
  /** `line` is valid during the call only. */
  readonly onLine: (line: Buffer) => void;
  readonly onChunk?: (chunk: Buffer) => void;
  readonly wheel: TimerWheel;
}

/** Reads a worker's output stream to its end, always and at once, so that a worker never blocks on what it prints. */
export class OutputCapture implements DeadlineOwner {
  readonly #options: OutputCaptureOptions;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #lines: LineSplitter;
  readonly #deadline: Deadline;
  readonly #ended: Promise<void>;

  constructor(options: OutputCaptureOptions) {
    this.#options = options;
    this.#lines = new LineSplitter(options.onLine);
    this.#deadline = new Deadline(this);
    this.#reader = options.stream.getReader();
    this.#ended = this.#read();
  }

  /** Resolves when everything has been read, or nothing more will be. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /** Reads no further: for a stream that somebody else holds open. */
  async cancel(): Promise<void> {
    await this.#reader.cancel().catch(() => {});
  }

  /** @internal The line that has begun has not gone on. */
  onDeadline(): void {
    this.#lines.flush();
  }

  async #read(): Promise<void> {
    const { wheel, onChunk } = this.#options;
    try {
      for (let result = await this.#reader.read(); !result.done; result = await this.#reader.read()) {
        const { buffer, byteOffset, byteLength } = result.value;
        const chunk = Buffer.from(buffer, byteOffset, byteLength);
        onChunk?.(chunk);
        this.#lines.push(chunk);
        if (this.#lines.hasPartial) wheel.set(this.#deadline, QUIET_MS);
      }
    } catch {
      // A pipe that breaks has ended.
    }
    wheel.remove(this.#deadline);
    this.#lines.flush();
  }
}
