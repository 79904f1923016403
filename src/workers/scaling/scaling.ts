/** A queue that has not emptied for this long will not do so by itself. */
const QUEUED_MS = 20;

/** Every worker busy for this long without a pause: the next request would have to wait. */
const BUSY_MS = 100;

/** Workers started in one step at most. */
const GROW_STEP_MAX = 4;

/** What growing depends on. */
export interface Load {
  /** Workers the pool should have now. */
  readonly desiredCount: number;
  readonly workerCountMax: number;
  /** Workers on their way. */
  readonly startingCount: number;
  /** Calls that have not begun. */
  readonly waitingCount: number;
  /** How long every worker has been busy without a pause; 0 when one is idle. */
  readonly allBusyForMs: number;
}

/**
 * How many workers to add now. One as soon as all have been busy for a while, before anything queues; more when calls wait, one for each up
 * to four, less those on their way.
 */
export function growthFor({ desiredCount, workerCountMax, startingCount, waitingCount, allBusyForMs }: Load): number {
  const roomCount = workerCountMax - desiredCount;
  if (waitingCount > 0 && allBusyForMs >= QUEUED_MS) {
    return Math.max(0, Math.min(roomCount, Math.min(waitingCount, GROW_STEP_MAX) - startingCount));
  }
  return allBusyForMs >= BUSY_MS && startingCount === 0 ? Math.min(roomCount, 1) : 0;
}

/** How soon it is worth asking {@link growthFor} again, while all workers are busy. */
export const GROW_CHECK_MS: number = QUEUED_MS;

/** What shrinking depends on. */
export interface Idleness {
  readonly desiredCount: number;
  readonly workerCountMin: number;
  /** How long each idle worker has been idle, longest first. */
  readonly idleForMs: readonly number[];
  /** How long ago the pool shrank by one. */
  readonly shrunkBeforeMs: number;
  /** 0 = never. */
  readonly scaleDownIdleMs: number;
  /** 0 = never. */
  readonly aggressiveScaleDownMs: number;
}

/**
 * How many workers to retire now, those that were idle longest. After `scaleDownIdleMs` without work one, and the next one not before that
 * time has passed again; all spare workers together as soon as so many have been idle for `aggressiveScaleDownMs`; never below the minimum.
 * Work goes to the worker that had some last, so spare workers are idle even while others serve.
 */
export function shrinkageFor(idleness: Idleness): number {
  const { desiredCount, workerCountMin, idleForMs, shrunkBeforeMs, scaleDownIdleMs, aggressiveScaleDownMs } = idleness;
  const spareCount = Math.max(0, desiredCount - workerCountMin);
  if (aggressiveScaleDownMs > 0) {
    const count = idleForMs.filter((idleMs) => idleMs >= aggressiveScaleDownMs).length;
    if (count >= spareCount) return spareCount;
  }
  const longestMs = idleForMs[0] ?? 0;
  const isDue = scaleDownIdleMs > 0 && longestMs >= scaleDownIdleMs && shrunkBeforeMs >= scaleDownIdleMs;
  return isDue ? Math.min(1, spareCount) : 0;
}
