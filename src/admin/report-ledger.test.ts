import { describe, expect, test } from "bun:test";
import type { FrontReport } from "./front-report.ts";
import { ReportLedger } from "./report-ledger.ts";

function report(pid: number, sentCount: number): FrontReport {
  return {
    pid,
    isReady: true,
    uptimeMs: 1_000,
    residentBytes: 10,
    loopDelayMs: 1,
    listeners: [],
    pools: [],
    exchanges: [],
    accessLogs: [],
    spans: { sentCount, droppedCount: 0 },
    relay: { relayedCount: 0, droppedCount: 0 },
    userMetrics: [],
    slowRequests: [],
  };
}

describe("ReportLedger", () => {
  test("adds up what the fronts say", () => {
    const { front, fronts, generation } = new ReportLedger(1).merge([
      { index: 0, pid: 10, report: report(10, 3) },
      { index: 1, pid: 11, report: report(11, 4) },
    ]);
    expect([front?.spans.sentCount, front?.residentBytes, generation]).toEqual([7, 20, 1]);
    expect(fronts.map(({ index, pid, state }) => [index, pid, state])).toEqual([
      [0, 10, "ready"],
      [1, 11, "ready"],
    ]);
  });

  test("counts on when a front is silent, dies and is followed by another", () => {
    const ledger = new ReportLedger(1);
    const look = (pid: number | null, sentCount: number | null) => {
      const { front, fronts } = ledger.merge([
        { index: 0, pid: 10, report: report(10, 100) },
        { index: 1, pid, report: pid === null || sentCount === null ? null : report(pid, sentCount) },
      ]);
      return [front?.spans.sentCount, front?.residentBytes, fronts[1]?.state];
    };
    expect(look(11, 5)).toEqual([105, 20, "ready"]);
    expect(look(11, null)).toEqual([105, 10, "silent"]);
    expect(look(11, 6)).toEqual([106, 20, "ready"]);
    expect(look(null, null)).toEqual([106, 10, "gone"]);
    expect(look(12, null)).toEqual([106, 10, "silent"]);
    expect(look(12, 1)).toEqual([107, 20, "ready"]);
    expect(look(13, 1)).toEqual([108, 20, "ready"]);
  });

  test("has nothing to say while no front answers", () => {
    const ledger = new ReportLedger(1);
    ledger.merge([{ index: 0, pid: 10, report: report(10, 100) }]);
    expect(ledger.merge([{ index: 0, pid: 10, report: null }]).front).toBeNull();
    expect(ledger.merge([{ index: 0, pid: 12, report: report(12, 1) }]).front?.spans.sentCount).toBe(101);
  });

  test("begins anew with other fronts", () => {
    const ledger = new ReportLedger(1);
    ledger.merge([{ index: 0, pid: 10, report: report(10, 100) }]);
    const { front, generation } = ledger.next().merge([{ index: 0, pid: 20, report: report(20, 1) }]);
    expect([front?.spans.sentCount, generation]).toEqual([1, 2]);
  });
});
