import type { FrontReport, FrontSummary } from "./front-report.ts";
import { countsOf, mergeReports } from "./merge-reports.ts";

/** One front at the moment of a look. */
export interface GatheredReport {
  readonly index: number;
  /** `null` while there is no process. */
  readonly pid: number | null;
  /** `null` when it does not answer. */
  readonly report: FrontReport | null;
}

/** What all fronts tell of themselves. */
export interface MergedReport {
  /** Up with every replacement of all fronts: then all counts begin anew. */
  readonly generation: number;
  /** All together; `null` while none answers. */
  readonly front: FrontReport | null;
  /** Each one, those that are away included. */
  readonly fronts: readonly FrontSummary[];
}

/**
 * Adds up what fronts tell of themselves, and remembers what those had counted that are gone or do not answer.
 *
 * Invariant: of fronts that have not been replaced as a whole no count ever falls; a scraper would take that for a start, and what is left
 * for new.
 */
export class ReportLedger {
  readonly #generation: number;
  /** By process id: those that are there, as they were when they answered last. */
  readonly #known = new Map<number, FrontReport>();
  /** What those have counted that are gone. */
  #past: FrontReport | null = null;

  /** @param generation from 1. */
  constructor(generation: number) {
    this.#generation = generation;
  }

  /** Of the fronts that take the place of these. */
  next(): ReportLedger {
    return new ReportLedger(this.#generation + 1);
  }

  merge(gathered: readonly GatheredReport[]): MergedReport {
    this.#forgetAllBut(gathered);
    const answered: FrontReport[] = [];
    const silent: FrontReport[] = [];
    for (const { pid, report } of gathered) {
      if (pid === null) continue;
      const known = report ?? this.#known.get(pid);
      if (known === undefined) continue;
      this.#known.set(pid, known);
      if (report === null) silent.push(countsOf(known));
      else answered.push(report);
    }
    const past = this.#past === null ? [] : [this.#past];
    const front = answered.length === 0 ? null : mergeReports([...answered, ...silent, ...past]);
    return { generation: this.#generation, front, fronts: gathered.map(summaryOf) };
  }

  #forgetAllBut(gathered: readonly GatheredReport[]): void {
    const pids = new Set(gathered.map(({ pid }) => pid));
    for (const [pid, report] of this.#known) {
      if (pids.has(pid)) continue;
      this.#known.delete(pid);
      const counts = countsOf(report);
      this.#past = this.#past === null ? counts : mergeReports([this.#past, counts]);
    }
  }
}

function summaryOf({ index, pid, report }: GatheredReport): FrontSummary {
  if (report === null) {
    const state = pid === null ? "gone" : "silent";
    return { index, pid, state, uptimeMs: 0, residentBytes: 0, loopDelayMs: 0, connectionCount: 0, requestCount: 0 };
  }
  const { uptimeMs, residentBytes, loopDelayMs, isReady, listeners, exchanges } = report;
  const requests = exchanges.flatMap((each) => each.requests);
  return {
    index,
    pid,
    state: isReady ? "ready" : "not-ready",
    uptimeMs,
    residentBytes,
    loopDelayMs,
    connectionCount: listeners.reduce((sum, { connectionCount }) => sum + connectionCount, 0),
    requestCount: requests.reduce((sum, { count }) => sum + count, 0),
  };
}
