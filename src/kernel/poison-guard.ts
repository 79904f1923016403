import { assert } from "../base/assert.ts";
import { ProtocolError } from "../base/errors.ts";

/** A connection was to be closed in the middle of a logical write. Its peer is reset, so that it does not take the half for the whole. */
export class AbandonedWriteError extends ProtocolError {
  readonly code = "VILYA_CONNECTION_WRITE_ABANDONED";

  constructor() {
    super("Cannot close a connection cleanly: its peer has received half a message, a reset is all that tells it so");
  }
}

/**
 * Knows whether what was written to a connection so far can be trusted to be whole. It is armed when a logical write begins that takes
 * more than one turn (a streamed body, a frame in parts), and disarmed only when its last byte is handed over; whatever interrupts in
 * between leaves it armed, and a connection that is closed armed is *poisoned*. So is one whose framing is lost while reading.
 *
 * Invariant: nothing takes the poison out. A new connection has a new guard.
 */
export class PoisonGuard {
  #isArmed = false;
  #error: Error | null = null;

  /** True from the first byte of a logical write to its last. */
  get isArmed(): boolean {
    return this.#isArmed;
  }

  /** Why the connection is poisoned, or `null` while it is not. */
  get error(): Error | null {
    return this.#error;
  }

  /** A logical write begins. Two at once would mix their bytes, so one ends first. */
  arm(): void {
    assert(!this.#isArmed, "one logical write ends before the next begins");
    this.#isArmed = true;
  }

  /** The last byte of the logical write is handed over. */
  disarm(): void {
    assert(this.#isArmed, "a logical write begins before it ends");
    this.#isArmed = false;
  }

  /** Poisons for good; the first error is the one that is kept. */
  poison(error: Error): void {
    this.#error ??= error;
  }
}
