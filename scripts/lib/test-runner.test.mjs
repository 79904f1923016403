import { describe, expect, test } from "bun:test";
import { runTestRunner } from "./test-runner.mjs";

const PASSED = '<testcase name="a"/><testcase name="b"/>';
const FAILED = '<testcase name="a"/><testcase name="b"><failure/></testcase>';

/**
 * A runner that writes `report`, prints and exits.
 * @param {string} report
 * @param {number} exitCode
 * @returns {import("./test-runner.mjs").CommandFor}
 */
const runner = (report, exitCode) => (reportPath) => {
  const program = `printf %s "$1" > "$2"; echo what it printed; exit ${exitCode}`;
  return ["sh", "-c", program, "sh", report, reportPath];
};

describe("runTestRunner", () => {
  test("counts what passed and says nothing", async () => {
    expect(await runTestRunner(runner(PASSED, 0))).toEqual({
      counts: { passedCount: 2, failedCount: 0, skippedCount: 0 },
      complaint: "",
    });
  });

  test("shows what a runner with failures printed", async () => {
    expect(await runTestRunner(runner(FAILED, 1))).toEqual({
      counts: { passedCount: 1, failedCount: 1, skippedCount: 0 },
      complaint: "what it printed",
    });
  });

  test("counts a failure when the report is fine and the exit code is not", async () => {
    expect(await runTestRunner(runner(PASSED, 1))).toEqual({
      counts: { passedCount: 2, failedCount: 1, skippedCount: 0 },
      complaint: "what it printed\nThe test runner failed outside of any test (exit code 1).",
    });
  });

  test("counts a failure when no test ran", async () => {
    for (const exitCode of [0, 7]) {
      const { counts, complaint } = await runTestRunner(runner("", exitCode));
      expect(counts).toEqual({ passedCount: 0, failedCount: 1, skippedCount: 0 });
      expect(complaint).toEndWith(`The test runner ran no test (exit code ${exitCode}).`);
    }
  });

  test("says that a runner is not installed", async () => {
    const { counts, complaint } = await runTestRunner(() => ["/nowhere/runner"]);
    expect(counts.failedCount).toBe(1);
    expect(complaint).toEndWith("The test runner is not installed.");
  });
});
