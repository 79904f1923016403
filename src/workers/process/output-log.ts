import type { LogFields, Logger } from "../../telemetry/logger.ts";

/** Lines one worker may write to the log in one window; more are counted and dropped. */
const LINES_PER_WINDOW_MAX = 1_000;
const WINDOW_MS = 1_000;

export interface OutputLogOptions {
  readonly log: Logger;
  /** What tells the worker apart, as far as it is known by now. */
  readonly fields: () => LogFields;
  readonly nowMs: () => number;
}

/** Which of a worker's streams a line came from. */
export type OutputStream = "stdout" | "stderr";

/**
 * Writes one worker's output to the log, line by line, whatever it prints: at most 1000 lines a second, and then one line that says how
 * many were dropped.
 */
export class OutputLog {
  readonly #options: OutputLogOptions;
  #windowStartMs = -Infinity;
  #lineCount = 0;
  #droppedCount = 0;

  constructor(options: OutputLogOptions) {
    this.#options = options;
  }

  /** Bytes that are not UTF-8 are replaced; control characters are the logger's business. */
  write(stream: OutputStream, line: Buffer): void {
    if (this.#lineCount >= LINES_PER_WINDOW_MAX || this.#droppedCount > 0) this.#renewWindow();
    if (this.#lineCount >= LINES_PER_WINDOW_MAX) {
      this.#droppedCount++;
      return;
    }
    if (this.#lineCount === 0) this.#windowStartMs = this.#options.nowMs();
    this.#lineCount++;
    const { log, fields } = this.#options;
    log.info("worker output", { ...fields(), stream, line: line.toString("utf8") });
  }

  /** Says what was dropped and not told yet. */
  end(): void {
    if (this.#droppedCount === 0) return;
    const { log, fields } = this.#options;
    log.warn("worker output dropped", { ...fields(), lineCount: this.#droppedCount });
    this.#droppedCount = 0;
  }

  #renewWindow(): void {
    if (this.#options.nowMs() - this.#windowStartMs < WINDOW_MS) return;
    this.end();
    this.#lineCount = 0;
  }
}
