import { type Clock, systemClock } from "../../src/kernel/timer-wheel.ts";

interface Timer {
  readonly dueMs: number;
  readonly callback: () => void;
  cancel: () => void;
}

/**
 * The machine's clock, which a test may put forward. Deadlines can then be long enough that no stall of the machine meets them, and still nobody
 * waits for them.
 */
export class MovableClock implements Clock {
  #aheadMs = 0;
  readonly #timers = new Set<Timer>();

  nowMs(): number {
    return systemClock.nowMs() + this.#aheadMs;
  }

  after(delayMs: number, callback: () => void): () => void {
    const timer: Timer = { dueMs: this.nowMs() + delayMs, callback, cancel: () => {} };
    this.#timers.add(timer);
    this.#arm(timer);
    return () => {
      this.#timers.delete(timer);
      timer.cancel();
    };
  }

  /** Puts it forward by `deltaMs`. What falls due by that happens in a later turn, behind what the sockets have for us by now. */
  advance(deltaMs: number): void {
    this.#aheadMs += deltaMs;
    for (const timer of this.#timers) {
      timer.cancel();
      this.#arm(timer);
    }
  }

  #arm(timer: Timer): void {
    timer.cancel = systemClock.after(Math.max(0, timer.dueMs - this.nowMs()), () => {
      this.#timers.delete(timer);
      timer.callback();
    });
  }
}
