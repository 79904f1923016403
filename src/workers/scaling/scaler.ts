import type { PoolConfig } from "../../config/app-config.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../../kernel/timer-wheel.ts";
import { GROW_CHECK_MS, growthFor, shrinkageFor } from "./scaling.ts";
import type { Scheduler } from "../scheduler.ts";

/** Between two looks at idle workers at most. */
const SHRINK_CHECK_MS_MAX = 1_000;

/** How many workers a pool has, and between which numbers it moves; `workerCountMin <= workerCount <= workerCountMax`. */
export type PoolSize = Pick<PoolConfig, "workerCount" | "workerCountMin" | "workerCountMax">;

export interface ScalerOptions {
  readonly config: PoolConfig;
  readonly scheduler: Scheduler;
  readonly wheel: TimerWheel;
  /** Workers on their way. */
  readonly startingCount: () => number;
  /** The pool should have `count` workers from now on. */
  readonly resize: (count: number) => void;
}

/**
 * Moves the size of a pool between its minimum and its maximum. It looks only while there is something to decide: at growing while all workers
 * are busy and there is room, at shrinking while there are more than the minimum.
 */
export class Scaler implements DeadlineOwner {
  readonly #options: ScalerOptions;
  readonly #growth: Deadline;
  readonly #shrinkage: Deadline;
  readonly #shrinkCheckMs: number;
  #size: PoolSize;
  #desiredCount: number;
  #shrunkMs = -Infinity;
  #isStopped = false;

  constructor(options: ScalerOptions) {
    this.#options = options;
    this.#growth = new Deadline(this);
    this.#shrinkage = new Deadline(this);
    this.#size = options.config;
    this.#desiredCount = options.config.workerCount;
    const { scaleDownIdleMs, aggressiveScaleDownMs } = options.config;
    const waits = [scaleDownIdleMs, aggressiveScaleDownMs].filter((waitMs) => waitMs > 0);
    this.#shrinkCheckMs = waits.length === 0 ? 0 : Math.min(SHRINK_CHECK_MS_MAX, ...waits.map((waitMs) => waitMs / 4));
    this.#watchIdle();
  }

  /** Workers the pool should have now. */
  get desiredCount(): number {
    return this.#desiredCount;
  }

  /** The last idle worker has got a call. */
  onAllBusy(): void {
    if (this.#growth.isSet || this.#isStopped || this.#desiredCount >= this.#size.workerCountMax) return;
    this.#options.wheel.set(this.#growth, GROW_CHECK_MS);
  }

  /** Has the pool be of this size, and move between these bounds from now on. */
  setSize(size: PoolSize): void {
    this.#size = size;
    this.#resize(size.workerCount);
    this.#watchIdle();
  }

  stop(): void {
    this.#isStopped = true;
    this.#options.wheel.remove(this.#growth);
    this.#options.wheel.remove(this.#shrinkage);
  }

  /** @internal */
  onDeadline(deadline: Deadline): void {
    if (deadline === this.#growth) this.#grow();
    else this.#shrink();
  }

  #grow(): void {
    const { scheduler, wheel, startingCount } = this.#options;
    if (scheduler.allBusySinceMs === Infinity || scheduler.workerCount === 0) return;
    const count = growthFor({
      desiredCount: this.#desiredCount,
      workerCountMax: this.#size.workerCountMax,
      startingCount: startingCount(),
      waitingCount: scheduler.queue.depth + scheduler.aheadCount,
      allBusyForMs: wheel.nowMs() - scheduler.allBusySinceMs,
    });
    this.#resize(this.#desiredCount + count);
    this.onAllBusy();
  }

  #shrink(): void {
    const { scheduler, wheel, config } = this.#options;
    const nowMs = wheel.nowMs();
    const count = shrinkageFor({
      desiredCount: this.#desiredCount,
      workerCountMin: this.#size.workerCountMin,
      idleForMs: scheduler.idleWorkers.map((worker) => nowMs - worker.idleSinceMs),
      shrunkBeforeMs: nowMs - this.#shrunkMs,
      scaleDownIdleMs: config.scaleDownIdleMs,
      aggressiveScaleDownMs: config.aggressiveScaleDownMs,
    });
    if (count > 0) this.#shrunkMs = nowMs;
    this.#resize(this.#desiredCount - count);
    this.#watchIdle();
  }

  #resize(count: number): void {
    if (count === this.#desiredCount) return;
    this.#desiredCount = count;
    this.#options.resize(count);
    this.#watchIdle();
  }

  #watchIdle(): void {
    const { wheel } = this.#options;
    if (this.#shrinkCheckMs === 0 || this.#isStopped || this.#desiredCount <= this.#size.workerCountMin) return;
    if (!this.#shrinkage.isSet) wheel.set(this.#shrinkage, this.#shrinkCheckMs);
  }
}
