import type { Clock } from "../../src/kernel/timer-wheel.ts";

/** A clock that stands still until a test moves it on. */
export class FakeClock implements Clock {
  #nowMs = 1_000;
  #timers: { dueMs: number; callback: () => void }[] = [];

  nowMs(): number {
    return this.#nowMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer = { dueMs: this.#nowMs + delayMs, callback };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((each) => each !== timer);
    };
  }

  /** How many timers are set: 0 means that nothing will ever happen. */
  get timerCount(): number {
    return this.#timers.length;
  }

  /** Moves on by `deltaMs` at once, as if the process had been stopped meanwhile; then calls every timer that has fallen due. */
  stall(deltaMs: number): void {
    this.#nowMs += deltaMs;
    this.advance(0);
  }

  /** Moves on by `deltaMs`, calling every timer that falls due, in order. */
  advance(deltaMs: number): void {
    const endMs = this.#nowMs + deltaMs;
    for (;;) {
      const next = this.#timers.filter((timer) => timer.dueMs <= endMs).toSorted((a, b) => a.dueMs - b.dueMs)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#nowMs = Math.max(this.#nowMs, next.dueMs);
      next.callback();
    }
    this.#nowMs = endMs;
  }
}
