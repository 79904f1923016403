import { describe, expect, test } from "bun:test";
import type { FrontReport } from "../../admin/front-report.ts";
import type { FrontStatus } from "../front-status.ts";
import { AppNotStartedError, StartWatch } from "./start-watch.ts";

/** A watch, and what became of what it was told. */
async function watch(needsStart: boolean, ...statuses: readonly boolean[]): Promise<readonly string[]> {
  const seen: string[] = [];
  const start = new StartWatch({ needsStart }, { report: async () => null, giveUp: () => seen.push("given up") });
  const take = start.over(({ isReady }) => seen.push(isReady ? "ready" : "not ready"));
  for (const isReady of statuses) take({ isReady } as FrontStatus);
  await Promise.resolve();
  await Promise.resolve();
  if (seen.includes("given up")) expect(() => start.assertNotFailed()).toThrow(AppNotStartedError);
  else start.assertNotFailed();
  return seen;
}

describe("StartWatch", () => {
  test("passes everything on from the first front that serves on", async () => {
    expect(await watch(true, true, false, true)).toEqual(["ready", "not ready", "ready"]);
  });

  test("has the engine given up once when the first start fails, and is silent behind it", async () => {
    expect(await watch(true, false, false, true)).toEqual(["given up"]);
  });

  test("passes everything on where the engine goes on trying", async () => {
    expect(await watch(false, false, true)).toEqual(["not ready", "ready"]);
  });
});

describe("AppNotStartedError", () => {
  const reportOf = (...ends: readonly object[]): FrontReport =>
    ({
      pools: [
        { app: "sound", status: { workerCount: 1 }, ends: [] },
        { app: "shop", status: { workerCount: 0 }, ends },
      ],
    }) as unknown as FrontReport;

  test.each([
    [{ exitCode: 3, stderr: ["Traceback", "ValueError: no", ""], error: null }, " with code 3", "ValueError: no"],
    [{ exitCode: null, stderr: [], error: "there is no program python4" }, "", "there is no program python4"],
  ])("names the app, and what its worker said last: %j", (end, how, words) => {
    expect(new AppNotStartedError(reportOf(end)).message).toBe(
      `Cannot serve app shop: its workers end${how} before they are ready (${words})`,
    );
  });

  test.each([null, reportOf()])("leads to the log where nobody knows more", (report) => {
    expect(new AppNotStartedError(report).message).toContain("the log says why");
  });
});
