/** How often the event loop is asked to be on time. */
const INTERVAL_MS = 100;

/** A delay is told for at least one window, and at most two. */
const WINDOW_MS = 7_500;

/** A delay that people notice. */
export const LATE_MS = 200;

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
  #isTold = false;
  readonly #onLate: (delayMs: number) => void;

  /** @param onLate called when a delay is more than 200 ms, once a window. */
  constructor(onLate: (delayMs: number) => void = () => {}) {
    this.#onLate = onLate;
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
    const delayMs = nowMs - this.#expectedMs;
    this.#maxMs = Math.max(this.#maxMs, delayMs);
    this.#expectedMs = nowMs + INTERVAL_MS;
    if (delayMs > LATE_MS && !this.#isTold) {
      this.#isTold = true;
      this.#onLate(delayMs);
    }
    if (nowMs < this.#windowEndsMs) return;
    this.#isTold = false;
    this.#previousMaxMs = this.#maxMs;
    this.#maxMs = 0;
    this.#windowEndsMs = nowMs + WINDOW_MS;
  }
}
