import type { PoolConfig } from "../../config/app-config.ts";

/** Why a healthy worker is replaced; `asked` by itself, in a response, `requested` by whoever runs the engine. */
export type RecycleReason = "max-requests" | "memory" | "asked" | "requested";

/** How many requests one worker serves. */
export interface WorkerBounds {
  /** After so many it is due: its replacement is started, and it serves on until that is ready. */
  readonly dueCount: number;
  /** It gets no more than so many, ready replacement or not. */
  readonly requestCountMax: number;
}

/** What is known of a worker when it has answered. */
export interface WorkerHealth {
  readonly bounds: WorkerBounds;
  readonly servedCount: number;
  /** What it says it has allocated, in bytes; -1 when it does not say. */
  readonly memoryBytes: number;
  readonly wantsRecycling: boolean;
  /** `null` when the process is gone. */
  readonly processId: number | null;
  /** When its resident memory was looked at last. */
  memoryCheckedMs: number;
}

/** Below this, a bound on requests is meant to the letter: nobody sets 1 or 20 to save memory. */
const EXACT_COUNT_BELOW = 100;

/** What a worker may serve while its replacement starts, as a multiple of a bound that is not exact. */
const OVERRUN_FACTOR = 2;

/** Resident memory is looked at this often, for each worker that serves. */
const MEMORY_CHECK_MS = 1_000;

export interface RecyclingOptions {
  readonly config: Pick<PoolConfig, "requestsPerWorkerMax" | "requestsPerWorkerJitter" | "memoryBytesMax">;
  /** Resident memory of a process in bytes; 0 when it cannot be read. */
  readonly readResidentBytes: (processId: number) => number;
  /** From 0 up to, not including, 1. */
  readonly random: () => number;
}

/** Decides when a worker has served long enough. */
export class RecyclingPolicy {
  readonly #options: RecyclingOptions;

  constructor(options: RecyclingOptions) {
    this.#options = options;
  }

  /** The bounds of one new worker: each one's are lowered by another share, so that a pool does not recycle all at once. */
  drawBounds(): WorkerBounds {
    const { requestsPerWorkerMax: count, requestsPerWorkerJitter: jitter } = this.#options.config;
    if (count === 0) return { dueCount: Infinity, requestCountMax: Infinity };
    const dueCount = Math.max(1, count - Math.ceil(count * jitter * (1 - this.#options.random())));
    return { dueCount, requestCountMax: count < EXACT_COUNT_BELOW ? count : count * OVERRUN_FACTOR };
  }

  /** Why `worker` should be replaced now; `null` when it should not. */
  reasonFor(worker: WorkerHealth, nowMs: number): RecycleReason | null {
    if (worker.wantsRecycling) return "asked";
    if (worker.servedCount >= worker.bounds.dueCount) return "max-requests";
    const { memoryBytesMax } = this.#options.config;
    if (memoryBytesMax === 0) return null;
    if (worker.memoryBytes > memoryBytesMax) return "memory";
    if (worker.processId === null || nowMs - worker.memoryCheckedMs < MEMORY_CHECK_MS) return null;
    worker.memoryCheckedMs = nowMs;
    return this.#options.readResidentBytes(worker.processId) > memoryBytesMax ? "memory" : null;
  }
}
