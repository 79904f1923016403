import { setTimeout as pause } from "node:timers/promises";

/** Somebody who waits for an installation would rather hear of a network that is down than see a fourth try. */
const TRIES_MAX = 3;
/** Before the second try; before the third one twice as long. */
const PAUSE_MS = 5_000;

/**
 * Does what depends on a network, and does it again after a pause when that fails: servers and networks are away for a moment.
 * @template Result
 * @param {() => Promise<Result>} work
 * @param {(result: Result) => boolean} isDone
 * @param {{ pauseMs?: number }} [settings]
 * @returns {Promise<Result>} the result of the last try.
 */
export async function tryAgain(work, isDone, { pauseMs = PAUSE_MS } = {}) {
  for (let tries = 1; ; tries++) {
    const result = await work();
    if (tries === TRIES_MAX || isDone(result)) return result;
    await pause(tries * pauseMs);
  }
}
