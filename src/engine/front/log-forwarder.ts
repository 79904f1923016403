/** How long lines gather before they are sent on. */
const BATCH_MS = 100;

/** Lines of one batch; more are counted and left out: what workers print must not keep the master busy. */
export const BATCH_LINE_COUNT_MAX = 200;

/** Hands the log lines of a front on to whoever keeps the end of the instance's log, some at a time. */
export class LogForwarder {
  readonly #send: (lines: readonly string[], droppedCount: number) => void;
  #lines: string[] = [];
  #droppedCount = 0;

  constructor(send: (lines: readonly string[], droppedCount: number) => void) {
    this.#send = send;
  }

  /** Takes one line with its line end. */
  add(line: string): void {
    if (this.#lines.length >= BATCH_LINE_COUNT_MAX) {
      this.#droppedCount++;
      return;
    }
    if (this.#lines.push(line) === 1) setTimeout(() => this.flush(), BATCH_MS).unref();
  }

  /** Sends what has gathered. */
  flush(): void {
    if (this.#lines.length === 0) return;
    const [lines, droppedCount] = [this.#lines, this.#droppedCount];
    this.#lines = [];
    this.#droppedCount = 0;
    this.#send(lines, droppedCount);
  }
}
