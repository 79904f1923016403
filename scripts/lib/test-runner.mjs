import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { countJunitCases } from "./junit.mjs";
import { run } from "./run.mjs";

/** @typedef {import("./junit.mjs").Counts} Counts */
/** @typedef {readonly [program: string, ...args: string[]]} Command */
/** @typedef {(reportPath: string) => Command} CommandFor */

/**
 * Runs a program that writes a JUnit report, and believes the report as well as the exit code: one failed case more when it crashed,
 * hung, ran no test, or failed outside of any.
 * @param {CommandFor} commandFor
 * @returns {Promise<{ counts: Counts, complaint: string }>} `complaint` is what it printed and what went wrong; empty when nothing did.
 */
export async function runTestRunner(commandFor) {
  const folder = mkdtempSync(join(tmpdir(), "vilya-report-"));
  const reportPath = join(folder, "junit.xml");
  try {
    const [program, ...args] = commandFor(reportPath);
    const outcome = await run(program, args);
    const counts = countJunitCases(existsSync(reportPath) ? readFileSync(reportPath, "utf8") : "");
    const problem = findProblem(outcome, counts);
    if (problem) counts.failedCount++;
    const complaint = counts.failedCount === 0 ? "" : `${outcome.output.trimEnd()}\n${problem}`.trim();
    return { counts, complaint };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * How a step of tests ended, for its line.
 * @param {Counts} counts
 */
export function describeCounts({ passedCount, failedCount }) {
  const isPassed = failedCount === 0;
  return { isPassed, note: `${passedCount} passed${isPassed ? "" : `, ${failedCount} failed`}` };
}

/**
 * What went wrong that no test case tells; empty when nothing did.
 * @param {import("./run.mjs").Outcome} outcome
 * @param {Counts} counts
 */
function findProblem({ exitCode, isTimedOut, hasLeftOrphans }, { passedCount, failedCount, skippedCount }) {
  if (isTimedOut) return "The test runner hung and was killed.";
  if (hasLeftOrphans) return "The test runner ended and left processes behind, which were killed.";
  if (exitCode === 127) return "The test runner is not installed.";
  if (passedCount + failedCount + skippedCount === 0) return `The test runner ran no test (exit code ${exitCode}).`;
  if (exitCode !== 0 && failedCount === 0) return `The test runner failed outside of any test (exit code ${exitCode}).`;
  return "";
}
