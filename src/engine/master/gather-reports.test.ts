import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import type { FrontReport } from "../../admin/front-report.ts";
import { gatherReports } from "./gather-reports.ts";

const REPORT = { isReady: true } as FrontReport;

const answering = { pid: 1, report: () => Promise.resolve(REPORT) };
const hanging = { pid: 2, report: () => new Promise<null>(() => {}) };
const away = { pid: null, report: () => Promise.resolve(null) };

describe("gatherReports", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("has what each front says, in their order", async () => {
    expect(await gatherReports([answering, away])).toEqual([
      { index: 0, pid: 1, report: REPORT },
      { index: 1, pid: null, report: null },
    ]);
  });

  test("waits a moment and no longer for a front that hangs", async () => {
    const gathering = gatherReports([hanging, answering]);
    for (let count = 0; count < 20; count++) await Promise.resolve();
    jest.advanceTimersByTime(250);
    expect((await gathering).map(({ report }) => report)).toEqual([null, REPORT]);
  });
});
