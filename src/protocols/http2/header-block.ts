import { Arena } from "../../kernel/arena.ts";
import { ERROR_CODE } from "./error-code.ts";
import type { FrameSink } from "./frame-sink.ts";
import { Http2ConnectionError } from "./http2-error.ts";

/**
 * A header block that came in more than one frame, put together. Invariant: it never holds more than `bytesMax`, whatever number of
 * CONTINUATION frames it is sent in; a block in one frame never gets here.
 */
export class HeaderBlock {
  readonly #bytesMax: number;
  #fragments: Arena | null = null;
  #isEndStream = false;
  /** The stream whose block is open. */
  streamId = 0;

  constructor(bytesMax: number) {
    this.#bytesMax = bytesMax;
  }

  get isOpen(): boolean {
    return this.#fragments !== null;
  }

  open(streamId: number, isEndStream: boolean, bytes: Buffer, start: number, end: number): void {
    this.streamId = streamId;
    this.#isEndStream = isEndStream;
    this.#fragments = new Arena();
    this.append(bytes, start, end);
  }

  /** @throws {Http2ConnectionError} past the limit: the block cannot be skipped, the tables would no longer agree. */
  append(bytes: Buffer, start: number, end: number): void {
    const fragments = this.#fragments!;
    if (fragments.byteLength + end - start > this.#bytesMax) {
      throw new Http2ConnectionError(
        ERROR_CODE.enhanceYourCalm,
        `Cannot take a header block: it is longer than ${this.#bytesMax} bytes, the limits on headers allow no more`,
      );
    }
    fragments.writeBytes(bytes, start, end);
  }

  /** Hands the whole block to `sink` and lets go of it. */
  close(sink: FrameSink): void {
    const fragments = this.#fragments!;
    this.#fragments = null;
    sink.onHeaders(this.streamId, this.#isEndStream, fragments.bytes, fragments.start, fragments.end);
  }
}
