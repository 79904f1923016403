/** Descriptors of a process that are no client's: listeners, workers with their pipes, files, the runtime's own. */
const RESERVED_DESCRIPTORS = 256;

/**
 * How many of `wantedCount` connections a process may have: the rest of its descriptors is for what serves them, and where there are few, half
 * of them. Without one, nobody could be accepted, and none be refused either.
 */
export function connectionCountFor(openFileCountMax: number, wantedCount: number): number {
  return Math.min(wantedCount, Math.max(openFileCountMax - RESERVED_DESCRIPTORS, Math.floor(openFileCountMax / 2)));
}
