import type { Connection } from "../../kernel/connection.ts";
import { cork, expectDrain, sendFile } from "../../kernel/send-file.ts";
import type { FieldBlock } from "../../protocols/http/field-block.ts";
import type { BodyFraming } from "../../protocols/http/response-framing.ts";
import { encodeChunkEnd, encodeChunkStart, encodeLastChunk } from "../../protocols/http1/chunk-encoder.ts";
import type { BodyWriter } from "../response-writer.ts";

/** What a body in parts needs of the connection it is written to. */
export interface Http1BodyOptions {
  readonly connection: Connection;
  readonly framing: BodyFraming;
  /** Whether the client keeps trailers. */
  readonly takesTrailers: boolean;
  readonly onTaken: (byteCount: number) => void;
  /** Called when the body has ended; an incomplete one takes the connection with it. */
  readonly onFinish: (isComplete: boolean) => void;
}

/**
 * A response body in parts on an HTTP/1 connection. RFC 9112 §7.1, §6.3.
 *
 * What is written counts as taken while less than the connection's high-water mark waits; past it nothing does until the client has drained
 * it to the low one. So a client that stops reading costs that mark and what its source may send unasked.
 */
export class Http1Body implements BodyWriter {
  readonly #options: Http1BodyOptions;
  /** Bytes written that wait for the client to catch up. */
  #untakenBytes = 0;
  /** What is written waits for its room then: copying more of a file ahead would cost what sending it straight saves. */
  #isFromFile = false;
  /** Some of it was sent straight: what is copied is then no more than wakes us when there is room again. */
  #isDirect = false;

  constructor(options: Http1BodyOptions) {
    this.#options = options;
  }

  get isEndedByClose(): boolean {
    return this.#options.framing === "close";
  }

  write(bytes: Buffer, start: number, end: number): void {
    const { connection, framing } = this.#options;
    if (framing === "chunked") encodeChunkStart(connection.output(), end - start);
    connection.write(bytes, start, end);
    if (framing === "chunked") encodeChunkEnd(connection.output());
    this.#untakenBytes += end - start;
    if (this.#isFromFile) expectDrain(connection, this.#isDirect ? 0 : undefined);
    if (!connection.isAboveHighWater) this.release();
  }

  writeFile(fd: number, position: number, byteCount: number): number {
    const { connection, framing } = this.#options;
    if (!this.#isFromFile) cork(connection, true);
    this.#isFromFile = true;
    if (framing !== "length" || this.#untakenBytes > 0) return 0;
    const sent = sendFile(connection, fd, position, byteCount);
    this.#isDirect ||= sent > 0;
    return sent;
  }

  /** The client has caught up: what was held back counts as taken. */
  release(): void {
    const byteCount = this.#untakenBytes;
    this.#untakenBytes = 0;
    if (byteCount > 0) this.#options.onTaken(byteCount);
  }

  end(trailers: FieldBlock | null): void {
    const { connection, framing, takesTrailers, onFinish } = this.#options;
    if (framing === "chunked") encodeLastChunk(connection.output(), takesTrailers ? trailers : null);
    if (this.#isFromFile) cork(connection, false);
    onFinish(true);
  }

  /** A missing last chunk, or missing bytes of the announced length, tell the client; where the close is the end, only a reset does. */
  abort(): void {
    const { connection, framing, onFinish } = this.#options;
    if (framing === "close") connection.close("reset");
    else onFinish(false);
  }
}
