import {
  type BrotliCompress,
  constants,
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  type Gzip,
  type ZstdCompress,
} from "node:zlib";

import type { ContentCoding } from "../../protocols/http/content-coding.ts";
import { brotliOptions, type Effort, gzipOptions, zstdOptions } from "./effort.ts";

/** Who gets what a stream is encoded to. No call follows `onEnd`, `onError` or `close`. */
export interface StreamEncoderListener {
  onEncoded(bytes: Buffer): void;
  /** So many bytes of content have been taken in. */
  onConsumed(byteCount: number): void;
  onEnd(): void;
  onError(): void;
}

/** Encodes content that comes in parts, on a thread of the pool. */
export class StreamEncoder {
  readonly #stream: Gzip | BrotliCompress | ZstdCompress;
  readonly #flushKind: number;
  #isClosed = false;
  readonly #listener: StreamEncoderListener;

  constructor(coding: ContentCoding, effort: Effort, listener: StreamEncoderListener) {
    this.#listener = listener;
    this.#stream = createStream(coding, effort);
    this.#flushKind = flushKindOf(coding);
    this.#stream.on("data", (bytes: Buffer) => {
      if (!this.#isClosed) listener.onEncoded(bytes);
    });
    this.#stream.on("end", () => this.#conclude(() => listener.onEnd()));
    this.#stream.on("error", () => this.#conclude(() => listener.onError()));
  }

  /** Takes a copy of the bytes. */
  write(bytes: Buffer, start: number, end: number): void {
    this.#stream.write(Buffer.from(bytes.subarray(start, end)), () => {
      if (!this.#isClosed) this.#listener.onConsumed(end - start);
    });
  }

  /** Lets out everything that was written, so that a client can decode all of it. */
  flush(): void {
    if (!this.#isClosed) this.#stream.flush(this.#flushKind);
  }

  end(): void {
    this.#stream.end();
  }

  /** Gives up what is under way. */
  close(): void {
    this.#conclude(() => {});
    this.#stream.destroy();
  }

  #conclude(tell: () => void): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    tell();
  }
}

function createStream(coding: ContentCoding, effort: Effort): Gzip | BrotliCompress | ZstdCompress {
  switch (coding) {
    case "gzip":
      return createGzip(gzipOptions(effort));
    case "br":
      return createBrotliCompress(brotliOptions(effort, 0));
    case "zstd":
      return createZstdCompress(zstdOptions(effort));
  }
}

function flushKindOf(coding: ContentCoding): number {
  switch (coding) {
    case "gzip":
      return constants.Z_SYNC_FLUSH;
    case "br":
      return constants.BROTLI_OPERATION_FLUSH;
    case "zstd":
      return constants.ZSTD_e_flush;
  }
}
