import type { AppConfig, OverflowConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import type { PoolSize } from "../../workers/scaling/scaler.ts";

/** Which front a process is: one of `count` that serve side by side. */
export interface FrontPlace {
  /** From 0. */
  readonly index: number;
  readonly count: number;
}

/** The place of a front that serves alone. */
export const ONLY_FRONT: FrontPlace = { index: 0, count: 1 };

/**
 * What one front of several is configured with: its share of each app's workers and of their queue. The shares add up to what is configured,
 * unless that is less than one for each front: a front without a worker could not answer.
 */
export function sliceConfig(config: Config, place: FrontPlace): Config {
  return place.count === 1 ? config : { ...config, apps: config.apps.map((app) => sliceApp(app, place)) };
}

/** A front's share of a pool. `workerCountMin <= workerCount <= workerCountMax` holds of each share as of the whole. */
export function slicePoolSize({ workerCount, workerCountMin, workerCountMax }: PoolSize, place: FrontPlace): PoolSize {
  return {
    workerCount: share(workerCount, place),
    workerCountMin: share(workerCountMin, place),
    workerCountMax: share(workerCountMax, place),
  };
}

function sliceApp(app: AppConfig, place: FrontPlace): AppConfig {
  const { pool } = app;
  return { ...app, pool: { ...pool, ...slicePoolSize(pool, place), overflow: sliceQueue(pool.overflow, place) } };
}

/** 0 is no queue at all. */
function sliceQueue(overflow: OverflowConfig, place: FrontPlace): OverflowConfig {
  const { queueDepthMax } = overflow;
  return queueDepthMax === 0 ? overflow : { ...overflow, queueDepthMax: share(queueDepthMax, place) };
}

/** Those who come first have one more where it does not divide. */
function share(total: number, { index, count }: FrontPlace): number {
  return Math.max(1, Math.ceil((total - index) / count));
}
