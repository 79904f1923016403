import type { Logger } from "../telemetry/logger.ts";

/** Lines one worker may write to the log in one window; more are counted and dropped. */
const LINES_PER_WINDOW_MAX = 1_000;
const WINDOW_MS = 1_000;

/** Which of a worker's streams a line came from. */
export type OutputStream = "stdout" | "stderr";

/**
 * Writes one worker's output to the log, line by line, whatever it prints: at most 1000 lines a second, and then one line that says how
 * many were dropped.
 */
export class OutputLog {
  readonly #log: Logger;
  readonly #nowMs: () => number;
  #windowStartMs = -Infinity;
  #lineCount = 0;
  #droppedCount = 0;

  /** @param log carries what tells the worker apart. */
  constructor(log: Logger, nowMs: () => number) {
    this.#log = log;
    this.#nowMs = nowMs;
  }

  /** Bytes that are not UTF-8 are replaced; control characters are the logger's business. */
  write(stream: OutputStream, line: Buffer): void {
    if (this.#lineCount >= LINES_PER_WINDOW_MAX || this.#droppedCount > 0) this.#renewWindow();
    if (this.#lineCount >= LINES_PER_WINDOW_MAX) {
      this.#droppedCount++;
      return;
    }
    if (this.#lineCount === 0) this.#windowStartMs = this.#nowMs();
    this.#lineCount++;
    this.#log.info("worker output", { stream, line: line.toString("utf8") });
  }

  /** Says what was dropped and not told yet. */
  end(): void {
    if (this.#droppedCount === 0) return;
    this.#log.warn("worker output dropped", { lineCount: this.#droppedCount });
    this.#droppedCount = 0;
  }

  #renewWindow(): void {
    if (this.#nowMs() - this.#windowStartMs < WINDOW_MS) return;
    this.end();
    this.#lineCount = 0;
  }
}
