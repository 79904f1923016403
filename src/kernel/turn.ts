/** Something with output that leaves at the end of the turn. */
export interface Flushable {
  /** Called once for each time it was queued. Whoever queues itself in here is flushed in the next turn. */
  flush(moment: "turn-end"): void;
}

/** Inputs whose output waits for one another: of a turn with more of them, the first peers can begin while the rest is read. */
const INPUTS_PER_FLUSH = 8;

/**
 * Collects who has output in this turn of the event loop and flushes each of them once at its end: a hundred small writes in a turn are
 * one system call a connection instead of a hundred. There is one event loop in a process, so there is one `turn`.
 *
 * A turn with many inputs is flushed in between, and peers whose work others wait for come first: so they work while the rest is read and
 * written, instead of after it. docs/decisions/0027-long-turns-are-flushed-in-between.md
 */
export class Turn {
  readonly #first = new FlushQueue();
  readonly #others = new FlushQueue();
  #inputCount = 0;
  #isScheduled = false;

  /**
   * Flushes `flushable` when the events of this turn are handled, or sooner; `isFirst` puts it before those that are not. The caller makes sure
   * that it queues itself once for each flush.
   */
  flushAtEnd(flushable: Flushable, isFirst = false): void {
    (isFirst ? this.#first : this.#others).push(flushable);
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(this.#run);
  }

  /** Tells that an input has been handled and that nobody is in the middle of writing. */
  noteInput(): void {
    if (++this.#inputCount >= INPUTS_PER_FLUSH) this.#flush();
  }

  readonly #run = (): void => {
    this.#isScheduled = false;
    this.#flush();
  };

  #flush(): void {
    this.#inputCount = 0;
    this.#first.flush();
    this.#others.flush();
  }
}

/** Two lists that take turns: whoever queues itself during a flush is in the next one. */
class FlushQueue {
  #waiting: Flushable[] = [];
  #flushing: Flushable[] = [];

  push(flushable: Flushable): void {
    this.#waiting.push(flushable);
  }

  flush(): void {
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
  }
}

/** The turn of this process's event loop. */
export const turn: Turn = new Turn();
