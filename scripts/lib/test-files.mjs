import { existsSync, readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { findBun } from "./bun.mjs";
import { step } from "./report.mjs";
import { inRepository } from "./repository.mjs";
import { describeCounts, runTestRunner } from "./test-runner.mjs";

/** @typedef {import("./junit.mjs").Counts} Counts */

/** For one test. Tests wait for conditions and say themselves what did not happen; this only ends one that can no longer speak. */
const TEST_TIMEOUT_MS = 180_000;

/**
 * Runs every `*.test.ts` and `*.test.mjs` of some folders with `bun test`, each file in a process of its own: what a file does to its
 * process (umask, limits, adopted children, an exit in the middle) reaches no other file, and a crash is the crash of one file.
 * @param {string} title
 * @param {readonly string[]} folders from the top of the checkout; those that are not there hold no test.
 * @param {{ isAlone?: boolean }} [settings] `isAlone` runs one file at a time, for tests that need the machine to themselves:
 *   deadlines, counts of processes and descriptors. Default: as many as there are processors.
 * @returns {Promise<Counts>}
 */
export async function runTestFiles(title, folders, { isAlone = false } = {}) {
  const waiting = folders.flatMap(testFilesIn);
  /** @type {Counts} */
  const counts = { passedCount: 0, failedCount: 0, skippedCount: 0 };
  /** @type {string[]} */
  const complaints = [];
  const takeFiles = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const { counts: ofFile, complaint } = await runTestRunner(bunTestCommand([`./${file}`]));
      counts.passedCount += ofFile.passedCount;
      counts.failedCount += ofFile.failedCount;
      counts.skippedCount += ofFile.skippedCount;
      if (complaint) complaints.push(`${file}\n${complaint}`);
    }
  };
  return step(
    title,
    async () => {
      if (waiting.length === 0) counts.failedCount++;
      await Promise.all(Array.from({ length: isAlone ? 1 : availableParallelism() }, takeFiles));
      return counts;
    },
    () => ({ ...describeCounts(counts), details: complaints.join("\n\n") }),
  );
}

/**
 * The command for what `bun test` selects by `args`, with its report in a file.
 * @param {readonly string[]} args
 * @returns {import("./test-runner.mjs").CommandFor}
 */
export function bunTestCommand(args) {
  const options = ["--only-failures", `--timeout=${TEST_TIMEOUT_MS}`, "--reporter=junit"];
  return (reportPath) => [findBun(), "test", ...options, `--reporter-outfile=${reportPath}`, ...args];
}

/** @param {string} folder */
function testFilesIn(folder) {
  if (!existsSync(inRepository(folder))) return [];
  return readdirSync(inRepository(folder), { recursive: true, encoding: "utf8" })
    .filter((path) => /\.test\.(?:ts|mjs)$/.test(path) && !/(?:^|\/)node_modules\//.test(path))
    .toSorted()
    .map((path) => `${folder}/${path}`);
}
