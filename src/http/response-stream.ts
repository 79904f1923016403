import { assert } from "../base/assert.ts";
import type { FieldBlock } from "../protocols/http/field-block.ts";
import { sendableTrailers } from "../protocols/http/trailer-rules.ts";
import type { BodyWriter } from "./response-writer.ts";

/**
 * The content of a streamed response, as the app writes it, whatever the protocol below.
 *
 * Invariants: the client gets exactly as many bytes as were announced or sees that the body is incomplete; and the stream ends once, after
 * which, as after the client has left, everything is dropped.
 */
export class ResponseStream {
  /** Whether the whole length was announced: then there is an end to wait for. */
  readonly isBounded: boolean;
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
    this.isBounded = byteLength >= 0;
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

  /**
   * Sends bytes of a file as far as the client takes them now; they count as taken.
   *
   * @param byteCount at most what is still announced.
   * @returns how many bytes have been sent; 0 when `write` has to.
   */
  writeFile(fd: number, position: number, byteCount: number): number {
    assert(this.#bytesLeft === -1 || byteCount <= this.#bytesLeft, "a file is sent within the announced length");
    if (this.#isEnded) return 0;
    const sent = this.#body.writeFile?.(fd, position, byteCount) ?? 0;
    if (this.#bytesLeft >= 0) this.#bytesLeft -= sent;
    this.writtenBytes += sent;
    return sent;
  }

  /**
   * Completes the body.
   *
   * @param trailers read before this returns; of them those are sent that may be (RFC 9110 §6.5.1), where the client keeps any.
   * @returns false when it is shorter than announced: then it has been aborted.
   */
  end(trailers: FieldBlock | null = null): boolean {
    if (this.#isEnded) return true;
    if (this.#bytesLeft > 0) {
      this.abort();
      return false;
    }
    this.#isEnded = true;
    if (this.#finish(true)) this.#body.end(trailers === null ? null : sendableTrailers(trailers));
    return true;
  }

  /** Leaves the body incomplete, so that the client sees it. */
  abort(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    if (this.#finish(false)) this.#body.abort();
  }
}
