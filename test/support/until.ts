/** Between two looks at a condition that nothing announces (a process table, a file). */
const POLL_MS = 10;

/** How long a test waits before it says what it waited for; generous, for machines that stall. */
export const PATIENCE_MS = 30_000;

/**
 * For a timeout of a server that a test waits for while other things have to keep to it, in seconds: more than a machine stalls. Where nothing
 * has to keep to it, a timeout may be as short as it likes.
 */
export const STALL_PROOF_S = 3;

/**
 * Waits until `condition` holds and returns what it returned. This is how tests wait: for a state, never for a time.
 *
 * @throws when it still does not hold after `withinMs`; the message names `what`.
 */
export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
  withinMs: number = PATIENCE_MS,
): Promise<Exclude<T, false | null | undefined>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const value = await condition();
    if (value !== false && value !== null && value !== undefined) return value as Exclude<T, false | null | undefined>;
    if (performance.now() > deadline) throw new Error(`Cannot go on: ${what} did not happen within ${withinMs} ms`);
    await Bun.sleep(POLL_MS);
  }
}
