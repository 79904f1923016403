/** How often the event loop is asked to be on time. */
const INTERVAL_MS = 100;

/** A delay is told for at least one window, and at most two. */
const WINDOW_MS = 7_500;

/**
 * Measures how late a process is for what it has to do: a timer that should come every 100 ms comes as late as anything else that had to wait
 * for the event loop.
 */
export class LoopDelay implements Disposable {
  readonly #timer: NodeJS.Timeout;
  #expectedMs = performance.now() + INTERVAL_MS;
  #windowEndsMs = performance.now() + WINDOW_MS;
  #maxMs = 0;
  #previousMaxMs = 0;

  constructor() {
    this.#timer = setInterval(() => this.#observe(performance.now()), INTERVAL_MS);
    this.#timer.unref();
  }

  /** The longest delay of the last 7.5 to 15 s, in milliseconds. */
  get maxMs(): number {
    return Math.max(this.#maxMs, this.#previousMaxMs);
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #observe(nowMs: number): void {
    this.#maxMs = Math.max(this.#maxMs, nowMs - this.#expectedMs);
    this.#expectedMs = nowMs + INTERVAL_MS;
    if (nowMs < this.#windowEndsMs) return;
    this.#previousMaxMs = this.#maxMs;
    this.#maxMs = 0;
    this.#windowEndsMs = nowMs + WINDOW_MS;
  }
}
