import type { LeaveReason } from "./worker-context.ts";
import type { Worker } from "./worker.ts";

/** How many ends of workers a pool remembers. */
export const WORKER_END_COUNT_MAX = 10;

/** What is remembered of what a worker wrote to STDERR last. */
const LAST_LINE_COUNT_MAX = 10;
const LAST_LINE_LENGTH_MAX = 300;

/** How one worker ended, for operators. */
export interface WorkerEnd {
  readonly workerId: number;
  readonly pid: number | null;
  /** Milliseconds since the epoch. */
  readonly endedMs: number;
  /** `left` is in good order: with code 0 and without a request. */
  readonly reason: LeaveReason | "crashed";
  /** `null` when a signal ended it. */
  readonly exitCode: number | null;
  readonly signal: string | null;
  readonly servedCount: number;
  /** Since it was ready; `null` when it never was. */
  readonly readyMs: number | null;
  /** What went wrong on its connection; `null` for nothing. */
  readonly error: string | null;
  /** The end of its STDERR, oldest line first. */
  readonly stderr: readonly string[];
}

/** Ends that somebody may want to look at: not those of a stop, and not those that are everyday life. */
const UNREMARKABLE: ReadonlySet<WorkerEnd["reason"]> = new Set(["stopped", "scaled-down", "left"]);

/** The last ends of a pool's workers. */
export class WorkerEnds {
  #ends: readonly WorkerEnd[] = [];

  /** Newest first. */
  get list(): readonly WorkerEnd[] {
    return this.#ends;
  }

  add(end: WorkerEnd): void {
    if (UNREMARKABLE.has(end.reason)) return;
    this.#ends = [end, ...this.#ends].slice(0, WORKER_END_COUNT_MAX);
  }
}

/** Describes a worker that is gone. `nowMs` is the wheel's clock. */
export function describeEnd(worker: Worker, reason: WorkerEnd["reason"], nowMs: number): WorkerEnd {
  const { id, process, servedCount, readySinceMs, error } = worker;
  return {
    workerId: id,
    pid: process?.pid || null,
    endedMs: Date.now(),
    reason,
    exitCode: process?.exitCode ?? null,
    signal: process?.signal?.toString() ?? null,
    servedCount,
    readyMs: Number.isFinite(readySinceMs) ? Math.max(0, nowMs - readySinceMs) : null,
    error: error?.message ?? null,
    stderr: lastLines(process?.lastErrorLines ?? []),
  };
}

/** The end of what a worker wrote to STDERR, in lines that fit on a screen. */
export function lastLines(lines: readonly string[]): readonly string[] {
  return lines.slice(-LAST_LINE_COUNT_MAX).map((line) => line.slice(0, LAST_LINE_LENGTH_MAX));
}
