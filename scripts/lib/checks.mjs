import { readdirSync } from "node:fs";
import { findBun } from "./bun.mjs";
import { findH2spec, HOW_TO_INSTALL_H2SPEC } from "./h2spec.mjs";
import { ensurePython } from "./python.mjs";
import { say, step } from "./report.mjs";
import { inRepository } from "./repository.mjs";
import { run } from "./run.mjs";
import { ensureProgram, howToInstall } from "./system-packages.mjs";
import { bunTestCommand, runTestFiles } from "./test-files.mjs";
import { describeCounts, runTestRunner } from "./test-runner.mjs";

/** @typedef {import("./junit.mjs").Counts} Counts */
/** @typedef {import("./test-runner.mjs").Command} Command */

/** Folders under `test/` that hold no suite, have a check of their own, or take too long for every change. */
const NOT_SERVER_SUITES = new Set(["support", "style", "soak", "python"]);

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
  layers: () => runTestFiles("Layers and style", ["test/style"]),
  unit: () => runTestFiles("Unit tests", ["src", "sdk/typescript", "scripts", "bench"]),
  server: () => runTestFiles("Server tests", serverSuites(), { isAlone: true }),
  h2spec: h2specCheck,
  h2load: h2loadCheck,
  php: () => testCheck("PHP tests", phpunitCommand),
  pystyle: () => withPython("Python style and types", pythonStyleCheck),
  pytest: () => withPython("Python tests", (python) => testCheck("Python tests", pytestCommand(python))),
  pyserver: () =>
    withPython("Python server tests", () => runTestFiles("Python server tests", ["test/python"], { isAlone: true })),
};

/**
 * The tests that `bun test` selects for `args`, in one process.
 * @param {readonly string[]} args patterns and options.
 */
export const selectedTests = (args) => testCheck("Selected tests", bunTestCommand(args));

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
 * @param {import("./test-runner.mjs").CommandFor} commandFor
 * @returns {Promise<Counts>}
 */
async function testCheck(title, commandFor) {
  const { counts } = await step(
    title,
    () => runTestRunner(commandFor),
    ({ counts, complaint }) => ({ ...describeCounts(counts), details: complaint }),
  );
  return counts;
}

/**
 * HTTP/2 as h2spec sees it, where that is installed; elsewhere one skipped case, and how to get it.
 * @returns {Promise<Counts>}
 */
async function h2specCheck() {
  const program = findH2spec();
  if (program !== null) {
    return testCheck("h2spec", (report) => [findBun(), inRepository("test/conformance/h2spec.ts"), program, report]);
  }
  say(`h2spec … skipped, it is not installed: ${HOW_TO_INSTALL_H2SPEC}`);
  return { passedCount: 0, failedCount: 0, skippedCount: 1 };
}

/**
 * A check of Python code; where there is no Python and none can be installed, one skipped case, and what is missing.
 * @param {string} title
 * @param {(python: string) => Promise<Counts>} check
 * @returns {Promise<Counts>}
 */
async function withPython(title, check) {
  const { python, hint } = await ensurePython();
  if (python !== null) return check(python);
  say(`${title} … skipped, ${hint}`);
  return { passedCount: 0, failedCount: 0, skippedCount: 1 };
}

/** @param {string} python */
function pythonStyleCheck(python) {
  const settings = inRepository("sdk/python/pyproject.toml");
  const packages = ["src", "tests"].map((folder) => inRepository("sdk/python", folder));
  const folders = ["sdk/python", "examples", "test", "bench"].map((folder) => inRepository(folder));
  /** @type {(...args: string[]) => Command} */
  const ruff = (...args) => [python, "-m", "ruff", ...args, "--quiet", "--no-cache", "--config", settings, ...folders];
  const cache = inRepository("node_modules/.cache/mypy");
  return toolCheck(
    "Python style and types",
    [
      ruff("check"),
      ruff("format", "--check"),
      [python, "-m", "mypy", "--config-file", settings, "--cache-dir", cache, "--no-error-summary", ...packages],
    ],
    `${python} -m ruff format --config ${settings} ${folders.join(" ")}`,
  );
}

/**
 * @param {string} python
 * @returns {import("./test-runner.mjs").CommandFor}
 */
function pytestCommand(python) {
  const folder = inRepository("sdk/python");
  return (reportPath) => [
    python,
    "-m",
    "pytest",
    "--rootdir",
    folder,
    "-c",
    `${folder}/pyproject.toml`,
    `--junitxml=${reportPath}`,
    `${folder}/tests`,
  ];
}

/**
 * HTTP as h2load sees it, where that is there or can be installed; elsewhere one skipped case, and how to get it.
 * @returns {Promise<Counts>}
 */
async function h2loadCheck() {
  if (await ensureProgram("h2load")) {
    return toolCheck("h2load", [[findBun(), inRepository("test/conformance/h2load.ts")]]);
  }
  say(`h2load … skipped, it is not installed: ${howToInstall("h2load")}`);
  return { passedCount: 0, failedCount: 0, skippedCount: 1 };
}

/**
 * @param {string} reportPath
 * @returns {Command}
 */
function phpunitCommand(reportPath) {
  const configuration = inRepository("sdk/php/phpunit.xml.dist");
  return ["phpunit", "--configuration", configuration, "--log-junit", reportPath, "--colors=never"];
}

function serverSuites() {
  return readdirSync(inRepository("test"), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !NOT_SERVER_SUITES.has(entry.name))
    .map((entry) => `test/${entry.name}`);
}
