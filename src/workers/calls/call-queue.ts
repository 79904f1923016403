import type { Call } from "./call.ts";
import { CallRing } from "./call-ring.ts";

/** Removed calls that may stay in the line before it is swept; past it at most half of the line is removed calls. */
const REMOVED_COUNT_MIN = 32;

/**
 * The calls that no worker has yet: first in, first out, after those that came *back* from a worker that never began them.
 *
 * Invariant: every call in it that is not abandoned has state `queued`. Each operation costs O(1): an abandoned call is only marked, and
 * swept away when more than half of its line is marked. The queue itself has no bound: its owner asks for `depth` before it pushes.
 */
export class CallQueue {
  readonly #fresh = new CallRing();
  readonly #returned = new CallRing();
  #depth = 0;
  #removedCount = 0;

  /** Calls that wait, abandoned ones not counted. */
  get depth(): number {
    return this.#depth;
  }

  /** Memory held, in places for a call. */
  get capacity(): number {
    return this.#fresh.capacity + this.#returned.capacity;
  }

  /** Since when the oldest waiting call has been waiting, in the wheel's clock; `Infinity` when none waits under a deadline. */
  get oldestMs(): number {
    this.#dropRemoved(this.#fresh);
    return this.#fresh.at(0)?.enqueuedMs ?? Infinity;
  }

  /** True when the next call was already with a worker: it goes to an idle one only, so that it comes back at most once. */
  get isNextReturned(): boolean {
    this.#dropRemoved(this.#returned);
    return this.#returned.length > 0;
  }

  /** The next call that was with no worker yet; `null` when there is none. */
  get next(): Call | null {
    this.#dropRemoved(this.#fresh);
    return this.#fresh.at(0);
  }

  push(call: Call, nowMs: number): void {
    call.state = "queued";
    call.enqueuedMs = nowMs;
    this.#fresh.push(call);
    this.#depth++;
  }

  /** Takes back a call that its worker never began. It waits ahead of all others and without a deadline: it had its turn. */
  pushReturned(call: Call): void {
    call.state = "queued";
    this.#returned.push(call);
    this.#depth++;
  }

  /** The next call to run, taken out; `null` when none waits. */
  shift(): Call | null {
    return this.#shiftFrom(this.#returned) ?? this.#shiftFrom(this.#fresh);
  }

  /** Takes out `call`, which is in the queue: it never runs. */
  remove(call: Call): void {
    call.state = "ended";
    this.#depth--;
    this.#removedCount++;
    const { length } = this.#fresh;
    if (this.#removedCount <= REMOVED_COUNT_MIN || this.#removedCount * 2 <= length + this.#returned.length) return;
    this.#fresh.filter(isWaiting);
    this.#returned.filter(isWaiting);
    this.#removedCount = 0;
  }

  /** Takes out the oldest call when it has been waiting since `enqueuedMs` or longer; else `null`. */
  shiftExpired(enqueuedMs: number): Call | null {
    return this.oldestMs <= enqueuedMs ? this.#shiftFrom(this.#fresh) : null;
  }

  #shiftFrom(ring: CallRing): Call | null {
    this.#dropRemoved(ring);
    const call = ring.shift();
    if (call !== null) this.#depth--;
    return call;
  }

  #dropRemoved(ring: CallRing): void {
    for (let call = ring.at(0); call !== null && !isWaiting(call); call = ring.at(0)) {
      ring.shift();
      this.#removedCount--;
    }
  }
}

function isWaiting(call: Call): boolean {
  return call.state === "queued";
}
