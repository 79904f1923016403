import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import { type Flushable, turn } from "../../kernel/turn.ts";

/**
 * The time, read once in each turn of the event loop that asks for it, and how long the turn before took.
 *
 * An answer that arrives while we are busy waits for us, not for the worker: whoever measures workers subtracts `lastTurnMs`.
 */
export class TurnClock implements Flushable {
  readonly #wheel: TimerWheel;
  #nowMs = 0;
  #lastTurnMs = 0;
  #isInTurn = false;

  constructor(wheel: TimerWheel) {
    this.#wheel = wheel;
  }

  /** When this turn began, in the wheel's clock. */
  nowMs(): number {
    if (!this.#isInTurn) {
      this.#isInTurn = true;
      this.#nowMs = this.#wheel.nowMs();
      turn.flushAtEnd(this);
    }
    return this.#nowMs;
  }

  /** How long we were busy in the last turn that asked for the time. */
  get lastTurnMs(): number {
    return this.#lastTurnMs;
  }

  /** @internal Called at the end of the turn. */
  flush(): void {
    this.#lastTurnMs = this.#wheel.nowMs() - this.#nowMs;
    this.#isInTurn = false;
  }
}
