import type { Segments } from "../../kernel/segments.ts";
import type { FieldBlock } from "../http/field-block.ts";
import { CR, LF } from "../http/octets.ts";
import type { FramedHead } from "./body-framing.ts";
import { ChunkLineDecoder } from "./chunk-line-decoder.ts";
import type { HttpLimits } from "./limits.ts";
import { bodyTooLarge } from "../http/limit-errors.ts";
import { misplaced } from "./refusal.ts";
import { TrailerDecoder } from "./trailer-decoder.ts";

/** Where the content of a body goes. */
export interface BodySink {
  /** `bytes[start, end)` is the next of the content, never empty; valid during the call, or as long as its receiver keeps `bytes`. */
  onBodyBytes(bytes: Buffer, start: number, end: number): void;
  /** The body is complete and its last byte consumed. Called once for each `start`. */
  onBodyEnd(): void;
}

/** Where in a body the decoder is; each phase ends at a byte it can name. */
type Phase = "content" | "chunk-line" | "chunk" | "chunk-cr" | "chunk-lf" | "trailers" | "done";

/**
 * Decodes request bodies, framed by Content-Length or chunked (RFC 9112 §6 and §7.1), one after the other on one connection.
 *
 * Invariant: it consumes content and chunk lines as they arrive, so that nothing but an unfinished trailer section ever waits in the
 * segments, and resumes after any byte. Work is linear in the bytes received; a chunk of one byte costs its sink one call.
 */
export class BodyDecoder {
  readonly #chunkLine: ChunkLineDecoder;
  readonly #trailers: TrailerDecoder;
  #phase: Phase = "done";
  /** Of the content or of the chunk being read. */
  #bytesLeft = 0;
  /** What chunks yet to come may hold together. */
  #allowanceBytes = 0;
  #bodyBytesMax = 0;

  constructor(limits: HttpLimits) {
    this.#chunkLine = new ChunkLineDecoder(limits.chunkExtensionBytesMax);
    this.#trailers = new TrailerDecoder(limits);
  }

  /** True between two bodies. */
  get isDone(): boolean {
    return this.#phase === "done";
  }

  /** The trailer fields of the body that ends, `null` for none: valid during `onBodyEnd`, apart from the head's fields on purpose. */
  get trailers(): FieldBlock | null {
    return this.#trailers.fields;
  }

  /**
   * Prepares for the body that `head` announces; a request without one has an empty body.
   *
   * @param bodyBytesMax of the content, framing aside.
   * @throws {HttpError} 413 when the announced length exceeds it; nothing of the body has been asked for then.
   */
  start(head: FramedHead, bodyBytesMax: number): void {
    if (head.contentLength > bodyBytesMax) throw bodyTooLarge(bodyBytesMax);
    this.#bodyBytesMax = this.#allowanceBytes = bodyBytesMax;
    this.#bytesLeft = Math.max(head.contentLength, 0);
    this.#chunkLine.startBody();
    this.#trailers.start();
    this.#phase = head.isChunked ? "chunk-line" : "content";
  }

  /** Lowers the limit, before anything is decoded. A length that was announced is measured by who lowers it. */
  limit(bodyBytesMax: number): void {
    this.#bodyBytesMax = this.#allowanceBytes = Math.min(this.#allowanceBytes, bodyBytesMax);
  }

  /**
   * Hands the content in `segments` to `sink`, up to the end of the body and not a byte further. Does nothing between two bodies.
   *
   * @throws {HttpError} 400; 413 as soon as the chunks announce more than allowed; 431 for trailers. The connection closes after the answer.
   */
  decode(segments: Segments, sink: BodySink): void {
    while (this.#phase !== "done" && this.#step(segments, sink)) {
      // Each step consumes bytes or changes the phase.
    }
  }

  /** Returns whether another phase has begun; otherwise the body has ended or more bytes are needed. */
  #step(segments: Segments, sink: BodySink): boolean {
    switch (this.#phase) {
      case "content":
        return this.#passOn(segments, sink) && this.#end(sink);
      case "chunk-line":
        return this.#chunkLine.decode(segments, this.#allowanceBytes, this.#bodyBytesMax) && this.#beginChunk();
      case "chunk":
        return this.#passOn(segments, sink) && this.#enter("chunk-cr");
      case "chunk-cr":
        return expectOctet(segments, CR) && this.#enter("chunk-lf");
      case "chunk-lf":
        return expectOctet(segments, LF) && this.#enter("chunk-line");
      case "trailers":
        return this.#trailers.decode(segments) && this.#end(sink);
      case "done":
        return false;
    }
  }

  /** Returns whether the content or the chunk is complete. */
  #passOn(segments: Segments, sink: BodySink): boolean {
    const { bytes, start, end } = segments;
    const count = Math.min(this.#bytesLeft, end - start);
    if (count > 0) {
      this.#bytesLeft -= count;
      segments.consume(count);
      sink.onBodyBytes(bytes, start, start + count);
    }
    return this.#bytesLeft === 0;
  }

  #beginChunk(): true {
    const { size } = this.#chunkLine;
    this.#chunkLine.startLine();
    this.#allowanceBytes -= size;
    this.#bytesLeft = size;
    return this.#enter(size === 0 ? "trailers" : "chunk");
  }

  #enter(phase: Phase): true {
    this.#phase = phase;
    return true;
  }

  /** False, so that the caller is in command again even when `sink` starts on another body at once. */
  #end(sink: BodySink): false {
    this.#phase = "done";
    sink.onBodyEnd();
    return false;
  }
}

/** Consumes one octet; false when there is none. A chunk's content is followed by CR LF and nothing else. */
function expectOctet(segments: Segments, expected: number): boolean {
  if (segments.start === segments.end) return false;
  const octet = segments.bytes[segments.start]!;
  if (octet !== expected) throw misplaced(octet, "chunk", "the line end after a chunk");
  segments.consume(1);
  return true;
}
