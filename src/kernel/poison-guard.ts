/**
 * Marks a connection whose framing can no longer be trusted. It is armed when a logical write begins and disarmed only when all of its
 * bytes are handed over; whatever interrupts in between leaves it armed, and a connection that closes armed is *poisoned*: the peer holds
 * half a frame. Losing the framing of what is read poisons for good. It is never reset by hand: a new connection has a new guard.
 */
export class PoisonGuard {
  #armedCount = 0;
  #error: Error | null = null;

  /** True from the first byte of a logical write to its last. */
  get isArmed(): boolean {
    return this.#armedCount > 0;
  }

  get isPoisoned(): boolean {
    return this.#error !== null;
  }

  /** Why the connection is poisoned, or `null` while it is healthy. */
  get error(): Error | null {
    return this.#error;
  }

  arm(): void {
    this.#armedCount++;
  }

  disarm(): void {
    if (this.#armedCount > 0) this.#armedCount--;
  }

  /** Poisons for good; the first error is the one that is kept. */
  poison(error: Error): void {
    this.#error ??= error;
  }
}
