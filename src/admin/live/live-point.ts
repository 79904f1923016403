import { DURATION_BOUNDS_MS } from "../../telemetry/duration-histogram.ts";
import type { FrontReport, InstanceReport } from "../front-report.ts";

/** What an instance did between two looks, and how it stood at the second. Rates are a second's, latencies milliseconds. */
export interface LivePoint {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly requestsPerS: number;
  /** Answers of class 5xx, those of the engine included. */
  readonly errorsPerS: number;
  /** `null` where nothing was answered. */
  readonly p50Ms: number | null;
  readonly p95Ms: number | null;
  readonly p99Ms: number | null;
  readonly waitingCount: number;
  readonly busyCount: number;
  readonly workerCount: number;
  readonly connectionCount: number;
  /** Resident memory of all workers. */
  readonly workerBytes: number;
  /** The longest that something had to wait for a front's event loop lately. */
  readonly loopDelayMs: number;
  readonly apps: readonly LiveApp[];
}

/** One app's share of that. */
export interface LiveApp {
  readonly app: string;
  readonly requestsPerS: number;
  readonly errorsPerS: number;
  readonly p95Ms: number | null;
}

/** What a front has counted of one app, or of all of them. */
interface Tally {
  readonly requestCount: number;
  readonly errorCount: number;
  readonly durations: readonly number[];
}

/** Compares two looks, `null` for none. Fronts that have replaced others count from 0. */
export function livePointOf(after: InstanceReport, before: InstanceReport | null, atMs: number): LivePoint | null {
  const { front } = after;
  if (front === null) return null;
  const earlier = before?.frontGeneration === after.frontGeneration ? before.front : null;
  const elapsedMs = before === null || earlier === null ? front.uptimeMs : after.uptimeMs - before.uptimeMs;
  const elapsedS = Math.max(1, elapsedMs) / 1_000;
  const rate = (now: number, then: number): number => Math.max(0, now - then) / elapsedS;
  const total = tallyOf(front, null);
  const totalBefore = earlier === null ? NOTHING : tallyOf(earlier, null);
  const durations = total.durations.map((count, index) => count - (totalBefore.durations[index] ?? 0));
  const { pools } = front;
  return {
    atMs,
    requestsPerS: rate(total.requestCount, totalBefore.requestCount),
    errorsPerS: rate(total.errorCount, totalBefore.errorCount),
    p50Ms: quantileOf(durations, 0.5),
    p95Ms: quantileOf(durations, 0.95),
    p99Ms: quantileOf(durations, 0.99),
    waitingCount: sum(pools.map(({ status }) => status.waitingCount)),
    busyCount: sum(pools.map(({ status }) => status.busyCount)),
    workerCount: sum(pools.map(({ status }) => status.workerCount)),
    connectionCount: sum(front.listeners.map(({ connectionCount }) => connectionCount)),
    workerBytes: sum(pools.flatMap(({ workers }) => workers.map(({ residentBytes }) => residentBytes))),
    loopDelayMs: front.loopDelayMs,
    apps: pools.map(({ app }) => {
      const now = tallyOf(front, app);
      const then = earlier === null ? NOTHING : tallyOf(earlier, app);
      return {
        app,
        requestsPerS: rate(now.requestCount, then.requestCount),
        errorsPerS: rate(now.errorCount, then.errorCount),
        p95Ms: quantileOf(
          now.durations.map((count, index) => count - (then.durations[index] ?? 0)),
          0.95,
        ),
      };
    }),
  };
}

/** The value below which `share` of what was counted lies: within its bucket as if that were filled evenly. `null` for nothing. */
export function quantileOf(counts: readonly number[], share: number): number | null {
  const total = sum(counts);
  if (total <= 0) return null;
  let left = share * total;
  for (const [index, count] of counts.entries()) {
    const [low, high] = [DURATION_BOUNDS_MS[index - 1] ?? 0, DURATION_BOUNDS_MS[index]];
    // Of what took longer than all bounds nothing else is known.
    if (high === undefined) return low;
    if (left <= count) return low + ((high - low) * left) / count;
    left -= count;
  }
  return null;
}

const NOTHING: Tally = { requestCount: 0, errorCount: 0, durations: [] };

/** @param app `null` for all. */
function tallyOf({ exchanges }: FrontReport, app: string | null): Tally {
  const counted = exchanges.filter((each) => app === null || each.app === app);
  const requests = counted.flatMap(({ requests }) => requests);
  return {
    requestCount: sum(requests.map(({ count }) => count)),
    errorCount: sum(requests.map(({ statusClass, count }) => (statusClass === "5xx" ? count : 0))),
    durations: Array.from({ length: DURATION_BOUNDS_MS.length + 1 }, (_, index) =>
      sum(counted.map(({ duration }) => duration.counts[index] ?? 0)),
    ),
  };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
