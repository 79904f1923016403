import { BodySpool, type BodySpoolListener, type SpooledBody } from "./body-spool.ts";
import type { BodyIntake, Exchange } from "../exchange.ts";
import type { RequestStream, RequestStreamReader } from "./request-stream.ts";

/** Of a body that may be on its way to its store: as much as a client sends before it has to wait for the disk. */
const WINDOW_BYTES = 256 * 1024;

/** Stores the body of a request that was taken in parts while it was not known who would answer, and completes the request with it. */
export class StreamStore implements RequestStreamReader, BodySpoolListener {
  readonly #stream: RequestStream;
  readonly #exchange: Exchange;
  readonly #spool: BodySpool;
  /** Stored, and not granted again while the disk is behind. */
  #owedBytes = 0;
  #isFull = false;

  constructor(stream: RequestStream, exchange: Exchange, intake: Exclude<BodyIntake, "parts">) {
    this.#stream = stream;
    this.#exchange = exchange;
    this.#spool = new BodySpool(stream.spool, this, intake);
  }

  /** Begins to read. */
  start(): void {
    this.#stream.open(this, WINDOW_BYTES);
  }

  onBodyBytes(bytes: Buffer, start: number, end: number): void {
    this.#owedBytes += end - start;
    this.#spool.append(bytes, start, end);
    this.#grant();
  }

  onBodyEnd(): void {
    this.#spool.end();
  }

  onBodyAborted(): void {
    this.#spool.dispose();
  }

  onSpooled(body: SpooledBody): void {
    if (this.#exchange.isEnded) body.dispose();
    else this.#exchange.complete(body);
  }

  onSpoolFull(): void {
    this.#isFull = true;
  }

  onSpoolDrained(): void {
    this.#isFull = false;
    this.#grant();
  }

  onSpoolFailed(error: Error): void {
    this.#stream.fail(error);
  }

  #grant(): void {
    if (this.#isFull) return;
    const byteCount = this.#owedBytes;
    this.#owedBytes = 0;
    if (byteCount > 0) this.#stream.grant(byteCount);
  }
}
