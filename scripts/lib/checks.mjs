import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { findBun } from "./bun.mjs";
import { countJunitCases } from "./junit.mjs";
import { step } from "./report.mjs";
import { inRepository } from "./repository.mjs";
import { run } from "./run.mjs";

/** @typedef {import("./junit.mjs").Counts} Counts */
/** @typedef {import("./run.mjs").Outcome} Outcome */
/** @typedef {readonly [program: string, ...args: string[]]} Command */

/**
 * For files that need the machine to themselves: deadlines, counts of processes and descriptors. The second of two processes would
 * start only after the first has been busy for this long, about 23 days. One process alone (`--parallel=1`) would run the files inside
 * the runner, and a file that ends its process would take the report with it.
 */
const ONE_FILE_AT_A_TIME = ["--parallel=2", "--parallel-delay=2000000000"];

/** For one test. Tests wait for conditions and say themselves what did not happen; this only ends one that can no longer speak. */
const TEST_TIMEOUT_MS = 60_000;

/** Folders under `test/` that hold no suite, have a check of their own, or take too long for every change. */
const NOT_SERVER_SUITES = new Set(["support", "style", "soak"]);

/**
 * What the gate checks, by name; what answers fastest comes first. A tool counts as one case, a test runner as the cases it ran.
 * @type {Readonly<Record<string, () => Promise<Counts>>>}
 */
export const CHECKS = {
  format: () => toolCheck("Format", [[findBun(), "fmt", "--check"]], "npx bun fmt"),
  types: () =>
    toolCheck("Types", [
      [findBun(), "check"],
      [findBun(), "check", "--project", "scripts"],
    ]),
  lint: () => toolCheck("Lint", [["node", inRepository("node_modules/oxlint/bin/oxlint")]]),
  layers: () => bunTests("Layers and style", ["--parallel", "./test/style"]),
  unit: () => bunTests("Unit tests", ["--parallel", "./src", "./sdk/typescript", "./scripts", "./bench"]),
  server: () => bunTests("Server tests", [...ONE_FILE_AT_A_TIME, ...serverSuites()]),
  php: phpTests,
};

/**
 * The tests that `bun test` selects for `args`, one file at a time.
 * @param {readonly string[]} args patterns and options.
 */
export const selectedTests = (args) => bunTests("Selected tests", [...ONE_FILE_AT_A_TIME, ...args]);

/**
 * Runs programs that are silent when all is well: one case.
 * @param {string} title
 * @param {readonly Command[]} commands
 * @param {string} [remedy] the command that repairs what was found.
 * @returns {Promise<Counts>}
 */
async function toolCheck(title, commands, remedy) {
  const complaints = await step(
    title,
    async () => {
      const outcomes = await Promise.all(commands.map(([program, ...args]) => run(program, args)));
      return outcomes.filter(({ exitCode }) => exitCode !== 0).map(({ output }) => output.trimEnd());
    },
    (complaints) => {
      if (complaints.length > 0 && remedy) complaints.push(`Repair it with: ${remedy}`);
      return { isPassed: complaints.length === 0, details: complaints.join("\n") };
    },
  );
  const failedCount = complaints.length === 0 ? 0 : 1;
  return { passedCount: 1 - failedCount, failedCount, skippedCount: 0 };
}

/**
 * @param {string} title
 * @param {readonly string[]} args
 */
function bunTests(title, args) {
  return testRunner(title, (reportPath) => [
    findBun(),
    "test",
    "--only-failures",
    `--timeout=${TEST_TIMEOUT_MS}`,
    "--reporter=junit",
    `--reporter-outfile=${reportPath}`,
    ...args,
  ]);
}

function phpTests() {
  return testRunner("PHP tests", (reportPath) => [
    "phpunit",
    "--configuration",
    inRepository("sdk/php/phpunit.xml.dist"),
    "--log-junit",
    reportPath,
    "--colors=never",
  ]);
}

/**
 * Runs a test runner that writes a JUnit report. It counts one failed case more when it crashed, hung or ran no test: an exit
 * code and a report that disagree are a failure.
 * @param {string} title
 * @param {(reportPath: string) => Command} commandFor
 * @returns {Promise<Counts>}
 */
async function testRunner(title, commandFor) {
  const folder = mkdtempSync(join(tmpdir(), "vilya-report-"));
  const reportPath = join(folder, "junit.xml");
  try {
    const { counts } = await step(
      title,
      async () => {
        const [program, ...args] = commandFor(reportPath);
        const outcome = await run(program, args);
        const counts = countJunitCases(existsSync(reportPath) ? readFileSync(reportPath, "utf8") : "");
        const problem = findProblem(outcome, counts);
        if (problem) counts.failedCount++;
        return { counts, details: `${outcome.output.trimEnd()}\n${problem}` };
      },
      ({ counts: { passedCount, failedCount }, details }) =>
        failedCount === 0
          ? { isPassed: true, note: `${passedCount} passed` }
          : { isPassed: false, note: `${passedCount} passed, ${failedCount} failed`, details },
    );
    return counts;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What went wrong that no test case tells; empty when nothing did.
 * @param {Outcome} outcome
 * @param {Counts} counts
 */
function findProblem({ exitCode, isTimedOut }, { passedCount, failedCount }) {
  if (isTimedOut) return "The test runner hung and was killed.";
  if (exitCode === 127) return "The test runner is not installed.";
  if (passedCount + failedCount === 0) return `The test runner ran no test (exit code ${exitCode}).`;
  if (exitCode !== 0 && failedCount === 0) return `The test runner failed outside of any test (exit code ${exitCode}).`;
  return "";
}

function serverSuites() {
  return readdirSync(inRepository("test"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_SERVER_SUITES.has(entry.name))
    .map((entry) => `./test/${entry.name}`);
}
