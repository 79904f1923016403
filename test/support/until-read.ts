/** Turns that take longer than this had a stall in them: what came meanwhile may be unread. */
const TURNS_MS_MAX = 20;

/**
 * Resolves when everything that had arrived on the sockets of this process by now has been read: an end comes a turn behind what was said before
 * it. A client that stood still, with its machine, sends its next request behind this: the connection may have been closed meanwhile.
 */
export async function untilRead(): Promise<void> {
  for (let startMs = -Infinity; performance.now() - startMs > TURNS_MS_MAX;) {
    startMs = performance.now();
    for (let turn = 0; turn < 2; turn++) await new Promise<void>((resolve) => void setImmediate(resolve));
  }
}
