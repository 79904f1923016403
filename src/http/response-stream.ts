import type { BodyWriter } from "./response-writer.ts";

/**
 * The content of a streamed response, as the app writes it, whatever the protocol below.
 *
 * Invariants: the client gets exactly as many bytes as were announced or sees that the body is incomplete; and the stream ends once, after
 * which, as after the client has left, everything is dropped.
 */
export class ResponseStream {
  readonly #body: BodyWriter;
  /** Ends the exchange; false when it has ended before. */
  readonly #finish: (isComplete: boolean) => boolean;
  /** Bytes that are still announced; -1 when the length is not. */
  #bytesLeft: number;
  #isEnded = false;
  /** Bytes of content handed to the client's connection. */
  writtenBytes = 0;

  /** @param byteLength the announced length, -1 when there is none. */
  constructor(body: BodyWriter, byteLength: number, finish: (isComplete: boolean) => boolean) {
    this.#body = body;
    this.#bytesLeft = byteLength;
    this.#finish = finish;
  }

  /**
   * Sends a part; the bytes are read before this returns.
   *
   * @returns false when the body would be longer than announced: then it has been aborted.
   */
  write(bytes: Buffer, start: number, end: number): boolean {
    if (this.#isEnded || start === end) return true;
    if (this.#bytesLeft >= 0) {
      if (end - start > this.#bytesLeft) {
        this.abort();
        return false;
      }
      this.#bytesLeft -= end - start;
    }
    this.writtenBytes += end - start;
    this.#body.write(bytes, start, end);
    return true;
  }

  /** Completes the body. @returns false when it is shorter than announced: then it has been aborted. */
  end(): boolean {
    if (this.#isEnded) return true;
    if (this.#bytesLeft > 0) {
      this.abort();
      return false;
    }
    this.#isEnded = true;
    if (this.#finish(true)) this.#body.end();
    return true;
  }

  /** Leaves the body incomplete, so that the client sees it. */
  abort(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#finish(false)) this.#body.abort();
  }
}
