import { read, readSync } from "node:fs";

import type { Exchange } from "../exchange.ts";
import type { ResponseStream } from "../response-stream.ts";
import type { OutgoingHead } from "../response-writer.ts";
import type { OpenFile } from "./open-file.ts";
import type { Piece } from "./piece.ts";

/** Bytes read and written at once. */
const CHUNK_BYTES = 128 * 1024;

/** Bytes sent straight from the file before other connections have their turn: docs/decisions/0015-sendfile-where-nothing-is-encrypted.md */
const DIRECT_BYTES_MAX = 1024 * 1024;

/** Bytes written when a socket that files are sent to has no room: it tells when it has some only to who has tried to write. */
const PROBE_BYTES = 16 * 1024;
const probe = Buffer.allocUnsafeSlow(PROBE_BYTES);

/** Chunk buffers kept for the next to read: more read at once than this get new ones. */
const SPARE_COUNT_MAX = 16;
const spareBuffers: Buffer[] = [];

export interface PieceSenderOptions {
  readonly exchange: Exchange;
  /** Announces as many bytes as the pieces have. */
  readonly head: OutgoingHead;
  readonly pieces: readonly Piece[];
  /** What pieces of a file are of; the sender closes it. */
  readonly file: OpenFile | null;
}

/**
 * Sends pieces of a file and of memory as the client takes them. A slow client costs what its connection holds: a chunk is read when those
 * before it are taken, and its buffer is given back as soon as it is written.
 *
 * Invariant: the file is closed exactly once, and never while a read of it is under way.
 */
export class PieceSender {
  readonly #pieces: readonly Piece[];
  readonly #file: OpenFile | null;
  #stream: ResponseStream | null = null;
  #pieceIndex = 0;
  /** Bytes of the current piece that are written. */
  #pieceOffset = 0;
  #untakenBytes = 0;
  #isReading = false;
  /** Bytes have gone to the socket straight from the file. */
  #isDirect = false;
  #isPumping = false;
  #isEnded = false;

  constructor({ exchange, head, pieces, file }: PieceSenderOptions) {
    this.#pieces = pieces;
    this.#file = file;
    this.#stream = exchange.begin(head, (byteCount) => this.#onTaken(byteCount));
    if (this.#stream === null) this.#finish();
    else this.#pump();
  }

  /** The client has left. */
  cancel(): void {
    this.#finish();
  }

  #onTaken(byteCount: number): void {
    this.#untakenBytes -= byteCount;
    this.#pump();
  }

  /** Writes until the client is behind, a read is under way, or nothing is left. */
  #pump(): void {
    if (this.#isPumping) return; // A write that is taken at once comes back here.
    this.#isPumping = true;
    while (!this.#isEnded && !this.#isReading && this.#untakenBytes <= 0) {
      const piece = this.#pieces[this.#pieceIndex];
      if (piece === undefined) {
        this.#stream?.end();
        this.#finish();
      } else if (piece.start + this.#pieceOffset === piece.end) {
        this.#pieceIndex++;
        this.#pieceOffset = 0;
      } else {
        this.#sendNext(piece);
      }
    }
    this.#isPumping = false;
  }

  #sendNext({ bytes, start, end }: Piece): void {
    const from = start + this.#pieceOffset;
    const count = Math.min(end - from, CHUNK_BYTES);
    if (bytes !== null) this.#write(bytes, from, from + count);
    else if (!this.#sendDirectly(from, end)) {
      if (this.#isDirect) this.#probe(from, Math.min(count, PROBE_BYTES));
      else this.#read(from, count);
    }
  }

  /** Returns whether the socket took bytes straight from the file. */
  #sendDirectly(from: number, end: number): boolean {
    const count = Math.min(end - from, DIRECT_BYTES_MAX);
    const sent = this.#stream?.writeFile(this.#file!.fd, from, count) ?? 0;
    this.#pieceOffset += sent;
    this.#isDirect ||= sent > 0;
    if (sent === count && from + sent < end) this.#yield();
    return sent > 0;
  }

  /** Has us told when the socket has room again. */
  #probe(position: number, count: number): void {
    const byteCount = this.#readNow(position, count);
    if (byteCount === 0) this.#cut();
    else this.#write(probe, 0, byteCount);
  }

  /** Returns how many bytes are in `probe`; 0 when the file is shorter than it was, or cannot be read. */
  #readNow(position: number, count: number): number {
    try {
      return readSync(this.#file!.fd, probe, 0, count, position);
    } catch {
      return 0;
    }
  }

  #yield(): void {
    this.#isReading = true;
    setImmediate(() => {
      this.#isReading = false;
      if (this.#isEnded) this.#close();
      else this.#pump();
    });
  }

  #read(position: number, count: number): void {
    const buffer = spareBuffers.pop() ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#isReading = true;
    read(this.#file!.fd, buffer, 0, count, position, (error, readBytes) => {
      this.#isReading = false;
      if (this.#isEnded) {
        this.#close();
      } else if (error !== null || readBytes === 0) {
        this.#cut();
      } else {
        this.#write(buffer, 0, readBytes);
      }
      if (spareBuffers.length < SPARE_COUNT_MAX) spareBuffers.push(buffer);
      this.#pump();
    });
  }

  #write(bytes: Buffer, start: number, end: number): void {
    this.#pieceOffset += end - start;
    this.#untakenBytes += end - start;
    this.#stream?.write(bytes, start, end);
  }

  /** The file is shorter than it was when its length was announced: the client has to see that. */
  #cut(): void {
    this.#stream?.abort();
    this.#finish();
  }

  #finish(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#stream = null;
    if (!this.#isReading) this.#close();
  }

  #close(): void {
    this.#file?.[Symbol.dispose]();
  }
}
