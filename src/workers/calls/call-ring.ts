import type { Call } from "./call.ts";

/** A ring starts with this many places and never has fewer. */
const CAPACITY_MIN = 8;

/**
 * A first-in, first-out line of calls over one array: no allocation while it neither grows nor shrinks. It holds at most four times as many
 * places as calls, so that a line that was long once does not stay large for ever.
 */
export class CallRing {
  #places: (Call | null)[] = emptyPlaces(CAPACITY_MIN);
  #start = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** Places held, taken and free together. */
  get capacity(): number {
    return this.#places.length;
  }

  /** The call at `index` behind the oldest one; `null` past the end. */
  at(index: number): Call | null {
    if (index >= this.#length) return null;
    return this.#places[(this.#start + index) & (this.#places.length - 1)] ?? null;
  }

  push(call: Call): void {
    if (this.#length === this.#places.length) this.#resize(this.#places.length * 2);
    this.#places[(this.#start + this.#length) & (this.#places.length - 1)] = call;
    this.#length++;
  }

  /** Takes the oldest call out; `null` when there is none. */
  shift(): Call | null {
    if (this.#length === 0) return null;
    const call = this.#places[this.#start] ?? null;
    this.#places[this.#start] = null;
    this.#start = (this.#start + 1) & (this.#places.length - 1);
    this.#length--;
    if (this.#length * 4 < this.#places.length && this.#places.length > CAPACITY_MIN) {
      this.#resize(this.#places.length / 2);
    }
    return call;
  }

  /** Keeps only the calls that `isKept` accepts, in their order. */
  filter(isKept: (call: Call) => boolean): void {
    for (let left = this.#length; left > 0; left--) {
      const call = this.shift();
      if (call !== null && isKept(call)) this.push(call);
    }
  }

  #resize(capacity: number): void {
    const places = emptyPlaces(capacity);
    for (let index = 0; index < this.#length; index++) places[index] = this.at(index);
    this.#places = places;
    this.#start = 0;
  }
}

function emptyPlaces(count: number): (Call | null)[] {
  return Array.from({ length: count }, () => null);
}
