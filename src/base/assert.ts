/** Broken invariants stop the operation they were found in; they are bugs of ours, never a peer's doing. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/**
 * States a truth the code relies on. `message` is the true sentence, not the complaint: `assert(count > 0, "a leased worker has a request")`.
 *
 * @throws {AssertionError} when the truth does not hold.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new AssertionError(`invariant broken: ${message}`);
}
