/** Something with output that leaves at the end of the turn. */
export interface Flushable {
  /** Called once for each time it was queued. Whoever queues itself in here is flushed in the next turn. */
  flush(moment: "turn-end"): void;
}

/**
 * Collects who has output in this turn of the event loop and flushes each of them once at its end: a hundred small writes in a turn are
 * one system call a connection instead of a hundred. There is one event loop in a process, so there is one `turn`.
 */
export class Turn {
  #waiting: Flushable[] = [];
  #flushing: Flushable[] = [];
  #isScheduled = false;

  /** Flushes `flushable` when the events of this turn are handled. The caller makes sure that it queues itself once a turn. */
  flushAtEnd(flushable: Flushable): void {
    this.#waiting.push(flushable);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    const flushing = this.#waiting;
    this.#waiting = this.#flushing;
    this.#flushing = flushing;
    for (const flushable of flushing) {
      try {
        flushable.flush("turn-end");
      } catch (error) {
        reportError(error); // One that is broken must not keep back what the others have written.
      }
    }
    flushing.length = 0;
  };
}

/** The turn of this process's event loop. */
export const turn: Turn = new Turn();
