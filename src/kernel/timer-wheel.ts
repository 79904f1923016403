import { assert } from "../base/assert.ts";

/** The resolution of every deadline: it fires at most this much late, never early. */
const TICK_MS = 8;
/** Slots are a power of two; one revolution is about eight seconds, later deadlines go round again. */
const SLOT_COUNT = 1024;
const SLOT_MASK = SLOT_COUNT - 1;

/** The time source of a wheel; tests hand in their own. `nowMs` is monotonic. */
export interface Clock {
  nowMs(): number;
  /** Calls `callback` once, `delayMs` from now; returns how to call it off. */
  after(delayMs: number, callback: () => void): () => void;
}

export const systemClock: Clock = {
  nowMs(): number {
    return performance.now();
  },
  after(delayMs: number, callback: () => void): () => void {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};

/** Who is told that a deadline has passed. An object with several deadlines tells them apart by identity. */
export interface DeadlineOwner {
  onDeadline(deadline: Deadline): void;
}

/**
 * One deadline that may be set, moved and cleared any number of times. It is linked into the wheel's slots directly, so setting one
 * allocates nothing, and moving it *later* (what every keep-alive request does) only stores a number: the wheel notices when it gets there.
 */
export class Deadline {
  /** When it is due in the wheel's clock, or `Infinity` while it is not set. */
  dueMs: number = Infinity;
  /** @internal */ slotTick = -1;
  /** @internal */ next: Deadline | null = null;
  /** @internal */ previous: Deadline | null = null;

  readonly owner: DeadlineOwner;

  constructor(owner: DeadlineOwner) {
    this.owner = owner;
  }

  get isSet(): boolean {
    return this.dueMs !== Infinity;
  }
}

/**
 * A hashed timer wheel: every per-connection and per-request deadline of a process, at O(1) each and with one runtime timer for all.
 * It sleeps until the next slot that holds anything, so an idle process does not tick. Source: Varghese and Lauck, "Hashed and
 * Hierarchical Timing Wheels", scheme 6.
 */
export class TimerWheel {
  readonly #clock: Clock;
  readonly #slots: (Deadline | null)[] = Array.from({ length: SLOT_COUNT }, () => null);
  #linkedCount = 0;
  /** The last tick whose slot has been emptied. */
  #tick: number;
  #wakeTick = Infinity;
  #cancelWake: (() => void) | null = null;

  constructor(clock: Clock = systemClock) {
    this.#clock = clock;
    this.#tick = Math.floor(clock.nowMs() / TICK_MS);
  }

  /** Deadlines linked into the wheel, cleared ones that were not reached yet included. */
  get linkedCount(): number {
    return this.#linkedCount;
  }

  nowMs(): number {
    return this.#clock.nowMs();
  }

  /** Sets or moves `deadline` to `delayMs` from now; what is due already fires at the next tick, `Infinity` never. */
  set(deadline: Deadline, delayMs: number): void {
    assert(!Number.isNaN(delayMs), "a deadline is a number of milliseconds away");
    deadline.dueMs = this.#clock.nowMs() + delayMs;
    const dueTick = Math.ceil(deadline.dueMs / TICK_MS);
    if (deadline.slotTick !== -1) {
      if (deadline.slotTick <= dueTick) return; // Later than where it hangs: the wheel moves it on when it gets there.
      this.#unlink(deadline);
    }
    this.#link(deadline, dueTick);
  }

  /** Clears `deadline`. It stays linked until the wheel passes it: clearing and setting again is then free. */
  clear(deadline: Deadline): void {
    deadline.dueMs = Infinity;
  }

  /** Clears and unlinks `deadline`: for one that will not be used again, so that the wheel does not keep its owner alive. */
  remove(deadline: Deadline): void {
    deadline.dueMs = Infinity;
    if (deadline.slotTick === -1) return;
    this.#unlink(deadline);
    if (this.#linkedCount > 0) return;
    // Nothing is left to wake up for: a timer that stayed would keep a process that is done from ending.
    this.#cancelWake?.();
    this.#cancelWake = null;
    this.#wakeTick = Infinity;
  }

  #link(deadline: Deadline, dueTick: number): void {
    if (this.#linkedCount === 0) this.#tick = Math.floor(this.#clock.nowMs() / TICK_MS);
    const tick = Math.min(Math.max(dueTick, this.#tick + 1), this.#tick + SLOT_COUNT);
    const slot = tick & SLOT_MASK;
    const head = this.#slots[slot] ?? null;
    deadline.slotTick = tick;
    deadline.previous = null;
    deadline.next = head;
    if (head !== null) head.previous = deadline;
    this.#slots[slot] = deadline;
    this.#linkedCount++;
    if (tick < this.#wakeTick) this.#sleepUntil(tick);
  }

  #unlink(deadline: Deadline): void {
    if (deadline.previous !== null) deadline.previous.next = deadline.next;
    else this.#slots[deadline.slotTick & SLOT_MASK] = deadline.next;
    if (deadline.next !== null) deadline.next.previous = deadline.previous;
    deadline.next = deadline.previous = null;
    deadline.slotTick = -1;
    this.#linkedCount--;
  }

  #sleepUntil(tick: number): void {
    this.#cancelWake?.();
    this.#wakeTick = tick;
    this.#cancelWake = this.#clock.after(Math.max(0, tick * TICK_MS - this.#clock.nowMs()), this.#wake);
  }

  readonly #wake = (): void => {
    this.#cancelWake = null;
    this.#wakeTick = Infinity;
    const nowTick = Math.floor(this.#clock.nowMs() / TICK_MS);
    // After a stall of more than a revolution every slot has been passed once: going round again would find the same ones.
    let tick = Math.max(this.#tick, nowTick - SLOT_COUNT);
    while (tick < nowTick) this.#expire(++tick);
    this.#tick = Math.max(this.#tick, nowTick);
    if (this.#linkedCount === 0) return;
    const next = this.#nextTick();
    if (next < this.#wakeTick) this.#sleepUntil(next);
  };

  #expire(tick: number): void {
    this.#tick = tick;
    const slot = tick & SLOT_MASK;
    let deadline = this.#slots[slot] ?? null;
    this.#slots[slot] = null;
    let expired: Deadline[] | null = null;
    while (deadline !== null) {
      const { next } = deadline;
      deadline.next = deadline.previous = null;
      deadline.slotTick = -1;
      this.#linkedCount--;
      if (deadline.dueMs !== Infinity) {
        const dueTick = Math.ceil(deadline.dueMs / TICK_MS);
        if (dueTick <= tick) (expired ??= []).push(deadline);
        else this.#link(deadline, dueTick);
      }
      deadline = next;
    }
    if (expired === null) return;
    // Called after the slot is in order: a callback may set, move and remove deadlines, its neighbours' included.
    for (const each of expired) {
      if (Math.ceil(each.dueMs / TICK_MS) > tick) continue;
      each.dueMs = Infinity;
      try {
        each.owner.onDeadline(each);
      } catch (error) {
        reportError(error); // A deadline whose owner is broken must not take its neighbours' with it.
      }
    }
  }

  #nextTick(): number {
    for (let tick = this.#tick + 1; tick <= this.#tick + SLOT_COUNT; tick++) {
      if ((this.#slots[tick & SLOT_MASK] ?? null) !== null) return tick;
    }
    return this.#tick + SLOT_COUNT;
  }
}
