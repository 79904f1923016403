import { assert } from "../base/assert.ts";

/** What a pool of permits bounds, and when its sources stop and go on. */
export interface BytePermitsOptions {
  /** Bytes that may be out at once. */
  readonly bytesMax: number;
  /** From so many bytes on the watcher's `onHighWater` is called. Default `bytesMax`. */
  readonly highWaterBytes?: number;
  /** At so few bytes, after that, its `onLowWater`. Default half of `highWaterBytes`. */
  readonly lowWaterBytes?: number;
  readonly watcher?: PermitWatcher;
}

/** Pauses the source of bytes (a socket that is read) and lets it go on. Called once for each crossing, from `take` and `release`. */
export interface PermitWatcher {
  onHighWater(): void;
  onLowWater(): void;
}

/** Whoever waits for permits. */
export interface PermitWaiter {
  /** The permits are there; from now on they are the waiter's to release. Not called for a request that was cancelled. */
  onPermits(request: PermitRequest): void;
}

/**
 * One wish for permits, granted in the order of asking. Disposing of it at any time is right: what was not granted is cancelled, what was
 * granted is released.
 */
export class PermitRequest implements Disposable {
  /** What was asked for, and is to be released. */
  readonly bytes: number;
  readonly #permits: BytePermits;
  #state: "waiting" | "granted" | "done" = "waiting";
  readonly #waiter: PermitWaiter;

  /** @internal Use `BytePermits.acquire`. */
  constructor(permits: BytePermits, bytes: number, waiter: PermitWaiter) {
    this.#permits = permits;
    this.bytes = bytes;
    this.#waiter = waiter;
  }

  get isGranted(): boolean {
    return this.#state === "granted";
  }

  /** Cancels the wish or gives back the grant; once. */
  [Symbol.dispose](): void {
    const state = this.#state;
    this.#state = "done";
    if (state === "waiting") this.#permits.withdraw(this);
    else if (state === "granted") this.#permits.release(this.bytes);
  }

  /** @internal */
  grant(): void {
    this.#state = "granted";
    this.#waiter.onPermits(this);
  }
}

/**
 * A bounded number of bytes that may be in memory at once, shared by everybody who brings some there. A consumer that is slow keeps its
 * permits, so that its producer is the one who waits: memory stays bounded without a limit for each of them.
 *
 * Invariants: nobody overtakes who asked before, so a large wish is not starved by small ones; a release grants exactly as many of the
 * waiting wishes as fit now. More than `bytesMax` is out only after `take`, and for a single wish that is larger than the whole pool: it is
 * granted when nothing else is out, as otherwise it would wait for ever.
 */
export class BytePermits {
  readonly bytesMax: number;
  readonly #highWaterBytes: number;
  readonly #lowWaterBytes: number;
  readonly #watcher: PermitWatcher | null;
  readonly #waiting = new Set<PermitRequest>();
  #usedBytes = 0;
  #isAboveHighWater = false;
  #isGranting = false;

  constructor({
    bytesMax,
    highWaterBytes = bytesMax,
    lowWaterBytes = highWaterBytes / 2,
    watcher,
  }: BytePermitsOptions) {
    assert(bytesMax > 0, "a pool of permits holds some");
    assert(lowWaterBytes < highWaterBytes, "low water is below high water");
    this.bytesMax = bytesMax;
    this.#highWaterBytes = highWaterBytes;
    this.#lowWaterBytes = lowWaterBytes;
    this.#watcher = watcher ?? null;
  }

  /** Bytes that are out. */
  get usedBytes(): number {
    return this.#usedBytes;
  }

  /** Wishes that wait. */
  get waitingCount(): number {
    return this.#waiting.size;
  }

  /** From the moment when the high-water mark is reached until the low one is. */
  get isAboveHighWater(): boolean {
    return this.#isAboveHighWater;
  }

  /** Takes the permits if they are there and nobody waits for some; returns whether it did. */
  tryAcquire(bytes: number): boolean {
    if (this.#waiting.size > 0 || !this.#fits(bytes)) return false;
    this.take(bytes);
    return true;
  }

  /** Takes the permits as soon as they are there, before this call returns if that is now, and tells the waiter. */
  acquire(bytes: number, waiter: PermitWaiter): PermitRequest {
    const request = new PermitRequest(this, bytes, waiter);
    this.#waiting.add(request);
    this.#grant();
    return request;
  }

  /**
   * Takes permits for bytes that are in memory already, over the limit if need be: what a paused source still delivers has to be counted.
   * It is for sources that stop at high water, as that bounds what comes on top.
   */
  take(bytes: number): void {
    this.#usedBytes += bytes;
    this.#noticeHighWater();
  }

  /** Gives permits back, all or some of those taken, and grants them to whoever waits. */
  release(bytes: number): void {
    assert(bytes <= this.#usedBytes, "no more permits are returned than are out");
    this.#usedBytes -= bytes;
    this.#grant();
    if (!this.#isAboveHighWater || this.#usedBytes > this.#lowWaterBytes) return;
    this.#isAboveHighWater = false;
    this.#watcher?.onLowWater();
  }

  /** @internal A wish that is not wanted any more may have kept back those behind it. */
  withdraw(request: PermitRequest): void {
    this.#waiting.delete(request);
    this.#grant();
  }

  #fits(bytes: number): boolean {
    return this.#usedBytes === 0 || this.#usedBytes + bytes <= this.bytesMax;
  }

  /** A waiter may release, ask and cancel while it is told: the loop that is running sees to all of it, so the stack stays flat. */
  #grant(): void {
    if (this.#isGranting) return;
    this.#isGranting = true;
    for (const request of this.#waiting) {
      if (!this.#fits(request.bytes)) break;
      this.#waiting.delete(request);
      this.#usedBytes += request.bytes;
      try {
        request.grant();
      } catch (error) {
        reportError(error); // Those behind a waiter that is broken still get their turn.
      }
    }
    this.#isGranting = false;
    this.#noticeHighWater();
  }

  #noticeHighWater(): void {
    if (this.#isAboveHighWater || this.#usedBytes < this.#highWaterBytes) return;
    this.#isAboveHighWater = true;
    this.#watcher?.onHighWater();
  }
}
