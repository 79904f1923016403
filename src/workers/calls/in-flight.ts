import { ATTEMPT_COUNT_MAX, type Call } from "./call.ts";
import { CallRing } from "./call-ring.ts";
import type { LinkEnd } from "../worker-link.ts";
import { WorkerLinkError } from "../worker-link-error.ts";

/** What a lost worker leaves behind; abandoned calls are in neither. */
export interface LostCalls {
  /** The call it ran, which may have run in part; `null` when it ran none. */
  readonly running: Call | null;
  /** The calls it certainly never ran, oldest first. */
  readonly notBegun: readonly Call[];
}

/**
 * The calls written to one worker and not answered yet.
 *
 * A worker answers in order, so the oldest of them, the *head*, is the one it runs and the others have not begun. The head has not begun
 * either where the socket proves it: when none of its bytes were sent, when it is the only call and the worker left bytes unread, or when
 * bytes are unread, nothing was answered since the worker was idle, and running it twice would do no harm.
 */
export class InFlight {
  readonly #workerId: number;
  readonly #calls = new CallRing();
  #headSinceMs = Infinity;
  #lastId = 0;
  /** Of the head; the ids of the calls behind it follow it. */
  #headId = 0;
  /** True once a part of the head's answer is here. */
  #isHeadAnswering = false;
  /** Calls ever written and not taken back. */
  #sentCount = 0;
  /** `#sentCount` when the worker was idle last. */
  #idleAtCount = 0;
  /** Bytes of the requests in flight. */
  #byteLength = 0;

  constructor(workerId: number) {
    this.#workerId = workerId;
  }

  get count(): number {
    return this.#calls.length;
  }

  /** Since when the head has been running; `Infinity` while there is none. */
  get headSinceMs(): number {
    return this.#headSinceMs;
  }

  get head(): Call | null {
    return this.#calls.at(0);
  }

  /** How long the head may take; `null` for as long as the pool says, also where there is none. */
  get headTimeoutMs(): number | null {
    return this.#calls.at(0)?.timeoutMs ?? null;
  }

  /** Calls written to the worker in its life. */
  get sentCount(): number {
    return this.#sentCount;
  }

  /** Adds a call that is about to be written; returns its id. */
  push(call: Call, nowMs: number): number {
    call.state = "running";
    call.attemptCount++;
    if (this.#calls.length === 0) {
      call.begunMs = nowMs;
      this.#headSinceMs = nowMs;
      this.#idleAtCount = this.#sentCount;
    }
    this.#calls.push(call);
    this.#byteLength += byteLengthOf(call);
    this.#sentCount++;
    this.#lastId++;
    if (this.#calls.length === 1) this.#headId = this.#lastId;
    return this.#lastId;
  }

  /**
   * Returns the head, of whose answer the first part is here: whatever its worker leaves unread from now on, it has begun.
   *
   * @throws {WorkerLinkError} when the part is not for the head.
   */
  answer(id: number): Call {
    this.#assertHead(id);
    this.#isHeadAnswering = true;
    return this.#calls.at(0)!;
  }

  /** Takes the calls behind the head back, oldest first: its worker will drop them (W2.15). Abandoned ones are among them. */
  takeBehind(): readonly Call[] {
    const head = this.#calls.shift();
    const behind: Call[] = [];
    for (let call = this.#calls.shift(); call !== null; call = this.#calls.shift()) {
      behind.push(call);
      call.attemptCount--;
      call.begunMs = -1;
      this.#byteLength -= byteLengthOf(call);
    }
    if (head !== null) this.#calls.push(head);
    this.#sentCount -= behind.length;
    return behind;
  }

  /**
   * Takes the head out because its answer is here; the next one begins.
   *
   * @throws {WorkerLinkError} when the answer is not the head's.
   */
  shift(id: number, nowMs: number): Call {
    this.#assertHead(id);
    const call = this.#calls.shift()!;
    this.#headId++;
    this.#isHeadAnswering = false;
    this.#byteLength -= byteLengthOf(call);
    const next = this.#calls.at(0);
    if (next !== null) next.begunMs = nowMs;
    this.#headSinceMs = next === null ? Infinity : nowMs;
    call.onReleased();
    return call;
  }

  /** Takes all calls out of a worker that is lost. `end` tells what its connection knows; `null` when the worker was ended by us. */
  takeAll(end: LinkEnd | null): LostCalls {
    const hasBegun = end === null || this.#isHeadAnswering || this.#hasHeadBegun(end);
    let running: Call | null = null;
    const notBegun: Call[] = [];
    for (let isHead = true; this.#calls.length > 0; isHead = false) {
      const call = this.#calls.shift();
      if (call === null) continue;
      const isOver = call.state !== "running";
      const isLost = call.isSpent || (isHead && (hasBegun || call.attemptCount >= ATTEMPT_COUNT_MAX));
      if (isOver || isLost) call.onReleased();
      if (isOver) continue;
      if (isLost) running = call;
      else notBegun.push(call);
    }
    this.#headSinceMs = Infinity;
    this.#byteLength = 0;
    return { running, notBegun };
  }

  #assertHead(id: number): void {
    const isRunning = this.#calls.length > 0;
    if (isRunning && id === this.#headId) return;
    const state = isRunning ? `while it runs request ${this.#headId}` : "while it runs none";
    const message = `Cannot take the response of worker ${this.#workerId}: it answers request ${id} ${state}, one answer to each request in order is allowed`;
    throw new WorkerLinkError("VILYA_WORKER_RESPONSE_UNEXPECTED", message);
  }

  #hasHeadBegun({ unsentBytes, isUnread }: LinkEnd): boolean {
    if (unsentBytes >= this.#byteLength) return false;
    if (!isUnread) return true;
    const isFirstSinceIdle = this.#sentCount - this.#idleAtCount === this.#calls.length;
    return this.#calls.length > 1 && !(isFirstSinceIdle && this.#calls.at(0)?.isIdempotent === true);
  }
}

function byteLengthOf({ frame, body }: Call): number {
  return frame.length + (body === null ? 0 : body.byteLength);
}
