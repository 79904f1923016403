import type { LogDestination, WriteOutcome } from "./log-file.ts";

/** Written at once at most. */
const CHUNK_BYTES = 64 * 1024;

/** What a pipe takes as a whole, with nothing of other processes in between. pipe(7), PIPE_BUF. */
export const PIPE_PIECE_BYTES = 4_096;

/** How long a line waits for others to leave with it. */
const GATHER_MS = 100;

/** How soon to try again when a pipe is full. */
const FULL_PIPE_MS = 20;

/** How soon to try again what cannot be opened or written. */
const RETRY_MS = 1_000;

/** How often lost lines are told of at most. */
const REPORT_INTERVAL_MS = 10_000;

const LINE_FEED = 10;

export interface BatchWriterOptions {
  readonly destination: LogDestination;
  /** What may wait, in bytes: several pieces of 64 KiB, so that one is written while the next one gathers. */
  readonly bufferBytes: number;
  /** Whole lines that are written at once at most, in bytes; a longer line is written by itself. Default: 64 KiB. */
  readonly pieceBytes?: number;
  /** Told how many lines were dropped since it was told last, and what stood in the way: `null` when the other end is only slow. */
  readonly onDropped: (lineCount: number, error: Error | null) => void;
  /** Default: 1 s. */
  readonly retryMs?: number;
}

/** Whole lines that leave together. */
interface Chunk {
  readonly bytes: Buffer;
  /** Where what is not written yet begins. */
  start: number;
  readonly end: number;
  readonly lineCount: number;
}

/**
 * Writes many short lines in few pieces, without ever making its caller wait: lines gather for up to 100 ms or 64 KiB, and one write at a time
 * is under way on a thread. What cannot be written is tried again, in its place, until it can; what comes meanwhile waits.
 *
 * Invariants: never more than `bufferBytes` wait, past which new lines are dropped and counted; a file has whole lines only, in their order.
 */
export class BatchWriter {
  readonly #options: BatchWriterOptions;
  readonly #retryMs: number;
  /** Lines that gather, in a buffer that is one of its own until it is sealed. */
  #gathering: Buffer | null = null;
  #gatheredBytes = 0;
  #gatheredLineCount = 0;
  /** One that has been written, for the next lines. */
  #spare: Buffer | null = null;
  /** What waits for its turn, oldest first. */
  readonly #sealed: Chunk[] = [];
  #waitingBytes = 0;
  #state: "closed" | "opening" | "idle" | "writing" | "waiting" = "closed";
  #wantsReopening = false;
  #gatherTimer: NodeJS.Timeout | null = null;
  #error: Error | null = null;
  #unreportedCount = 0;
  #reportTimer: NodeJS.Timeout | null = null;
  readonly #flushed: (() => void)[] = [];
  /** Lines taken, in its life. */
  lineCount = 0;
  /** Lines that never reached the destination, in its life. */
  droppedCount = 0;

  constructor(options: BatchWriterOptions) {
    this.#options = options;
    this.#retryMs = options.retryMs ?? RETRY_MS;
  }

  /** Takes one line with its line end, `bytes[0, end)`. Longer than 64 KiB, it is dropped. */
  write(bytes: Buffer, end: number): void {
    if (end > CHUNK_BYTES || this.#waitingBytes + end > this.#options.bufferBytes) {
      this.#drop(1);
      return;
    }
    if (this.#gatheredBytes + end > CHUNK_BYTES) {
      this.#seal();
      this.#pump();
    }
    this.#gathering ??= this.#takeSpare();
    bytes.copy(this.#gathering, this.#gatheredBytes, 0, end);
    this.#gatheredBytes += end;
    this.#gatheredLineCount++;
    this.#waitingBytes += end;
    this.lineCount++;
    this.#gatherTimer ??= setTimeout(() => this.#gathered(), GATHER_MS);
  }

  /** Opens the destination anew as soon as no write is under way: what is taken from now on goes to what is there then. */
  reopen(): void {
    if (this.#state === "closed") return;
    this.#wantsReopening = true;
    this.#pump();
  }

  /** Waits until all that was taken is written, at most so long, and closes the destination. What is left is counted as dropped. */
  async close(deadlineMs: number): Promise<void> {
    this.#seal();
    this.#pump();
    if (this.#sealed.length > 0) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#flushed.push(resolve);
      const timer = setTimeout(resolve, deadlineMs);
      await promise;
      clearTimeout(timer);
    }
    const leftCount = this.#sealed.reduce((count, chunk) => count + chunk.lineCount, 0);
    if (leftCount > 0) this.#drop(leftCount);
    this.#report();
    if (this.#reportTimer !== null) clearTimeout(this.#reportTimer);
    this.#options.destination.close();
  }

  /** While others wait, a chunk fills up behind them: of those that are not full there is never more than one. */
  #gathered(): void {
    this.#gatherTimer = null;
    if (this.#sealed.length > 0) return;
    this.#seal();
    this.#pump();
  }

  #seal(): void {
    if (this.#gatherTimer !== null) clearTimeout(this.#gatherTimer);
    this.#gatherTimer = null;
    if (this.#gathering === null) return;
    const lineCount = this.#gatheredLineCount;
    this.#sealed.push({ bytes: this.#gathering, start: 0, end: this.#gatheredBytes, lineCount });
    this.#gathering = null;
    this.#gatheredBytes = 0;
    this.#gatheredLineCount = 0;
  }

  #takeSpare(): Buffer {
    const spare = this.#spare ?? Buffer.allocUnsafeSlow(CHUNK_BYTES);
    this.#spare = null;
    return spare;
  }

  /** Does the next thing that can be done, if nothing is under way. */
  #pump(): void {
    if (this.#state === "closed" && this.#sealed.length > 0) this.#open();
    if (this.#state !== "idle") return;
    if (this.#wantsReopening) this.#open();
    else this.#writeNext();
  }

  #open(): void {
    const wasOpen = this.#state !== "closed";
    this.#state = "opening";
    this.#wantsReopening = false;
    this.#options.destination.open().then(
      () => {
        this.#restartLine();
        this.#state = "idle";
        this.#pump();
      },
      (error: unknown) => {
        this.#error = error as Error;
        // What was open stays in use, and is left when that works.
        this.#wantsReopening = wasOpen;
        this.#tryLater(this.#retryMs, wasOpen ? "idle" : "closed");
      },
    );
  }

  #writeNext(): void {
    if (this.#sealed.length === 0 && this.#gatherTimer === null) this.#seal();
    const [chunk] = this.#sealed;
    if (chunk === undefined) {
      for (const resolve of this.#flushed.splice(0)) resolve();
      return;
    }
    this.#state = "writing";
    this.#options.destination.write(chunk.bytes, chunk.start, this.#pieceEnd(chunk), (outcome) =>
      this.#written(chunk, outcome),
    );
  }

  #pieceEnd({ bytes, start, end }: Chunk): number {
    const { pieceBytes = CHUNK_BYTES } = this.#options;
    if (end - start <= pieceBytes) return end;
    const pieceEnd = bytes.lastIndexOf(LINE_FEED, start + pieceBytes - 1) + 1;
    return pieceEnd > start ? pieceEnd : bytes.indexOf(LINE_FEED, start) + 1;
  }

  #written(chunk: Chunk, outcome: WriteOutcome): void {
    if ("error" in outcome) {
      const isFull = outcome.error.code === "EAGAIN";
      this.#error = isFull ? null : outcome.error;
      // Of a FIFO whose reader is gone, the next reader opens another end.
      if (outcome.error.code === "EPIPE") this.#wantsReopening = true;
      this.#tryLater(isFull ? FULL_PIPE_MS : this.#retryMs, "idle");
      return;
    }
    this.#error = null;
    chunk.start += outcome.byteCount;
    this.#waitingBytes -= outcome.byteCount;
    if (chunk.start === chunk.end) {
      this.#sealed.shift();
      this.#spare = chunk.bytes;
    }
    this.#state = "idle";
    this.#pump();
  }

  #tryLater(delayMs: number, state: "closed" | "idle"): void {
    this.#state = "waiting";
    setTimeout(() => {
      this.#state = state;
      this.#pump();
    }, delayMs).unref();
  }

  /** Another file gets no half of a line: it begins with the whole of it. */
  #restartLine(): void {
    const [chunk] = this.#sealed;
    if (chunk === undefined || chunk.start === 0) return;
    const lineStart = chunk.bytes.lastIndexOf(LINE_FEED, chunk.start - 1) + 1;
    this.#waitingBytes += chunk.start - lineStart;
    chunk.start = lineStart;
  }

  #drop(lineCount: number): void {
    this.droppedCount += lineCount;
    this.#unreportedCount += lineCount;
    if (this.#reportTimer !== null) return;
    this.#report();
    this.#reportTimer = setTimeout(() => {
      this.#reportTimer = null;
      this.#report();
    }, REPORT_INTERVAL_MS);
    this.#reportTimer.unref();
  }

  #report(): void {
    const lineCount = this.#unreportedCount;
    this.#unreportedCount = 0;
    if (lineCount > 0) this.#options.onDropped(lineCount, this.#error);
  }
}
