import { CHECKS, selectedTests } from "./checks.mjs";
import { ensureNpmPackages } from "./npm-packages.mjs";
import { ensurePhp, ensurePhpLibraries } from "./php.mjs";
import { say } from "./report.mjs";
import { ensureProgram, howToInstall } from "./system-packages.mjs";

/** @typedef {import("./junit.mjs").Counts} Counts */

/** Programs that tests run, and the checks that these are in. PHP is no simple program: it has a version and an extension. */
const PROGRAMS = /** @type {const} */ ([
  ["ss", ["unit", "server"]],
  ["ps", ["unit", "server"]],
  ["python3", ["server"]],
  ["faketime", ["server"]],
  ["phpunit", ["php"]],
]);

/**
 * Installs what the checks need, runs them all or the ones that the arguments select, and prints `N passed, N failed` (and
 * `, N skipped`) as the last line: the one place behind `npm test`, `npm run ok` and CI.
 *
 * `--only lint,unit` selects checks by name; any other arguments go to `bun test`, which then is all that runs.
 * @param {readonly string[]} args
 * @param {{ stopsAtFirstFailure?: boolean }} [settings]
 * @returns {Promise<number>} the exit code: 0 when nothing failed, 1 when something did, 2 when the arguments are wrong.
 */
export async function runGate(args, { stopsAtFirstFailure = false } = {}) {
  const names = selectChecks(args);
  const unknown = names.filter((name) => !Object.hasOwn(CHECKS, name));
  if (unknown.length > 0) {
    say(`error: cannot run the check ${unknown.join(", ")}: the checks are ${Object.keys(CHECKS).join(", ")}`);
    return 2;
  }

  await ensureNpmPackages();
  await ensurePrograms(names.length > 0 ? names : ["server"]);

  /** @type {Counts} */
  const total = { passedCount: 0, failedCount: 0, skippedCount: 0 };
  if (names.length === 0) add(total, await selectedTests(args));
  for (const [name, check] of Object.entries(CHECKS)) {
    if (!names.includes(name)) continue;
    add(total, await check());
    if (stopsAtFirstFailure && total.failedCount > 0) {
      say(`Stopped at ${name}; what comes after it did not run.`);
      break;
    }
  }
  const skipped = total.skippedCount > 0 ? `, ${total.skippedCount} skipped` : "";
  say(`${total.passedCount} passed, ${total.failedCount} failed${skipped}`);
  return total.failedCount === 0 ? 0 : 1;
}

/**
 * The programs beside Bun that the checks run. What cannot be installed is said, and the tests that need it fail.
 * @param {readonly string[]} names
 */
async function ensurePrograms(names) {
  const isNeeded = (/** @type {readonly string[]} */ users) => users.some((name) => names.includes(name));
  if (isNeeded(["unit", "server", "php"])) {
    const { hint, isUsable } = await ensurePhp();
    if (hint) say(`${isUsable ? "ext-msgpack" : "PHP 8.1 or newer"} is missing; to install it, type: ${hint}`);
  }
  if (isNeeded(["php"])) await ensurePhpLibraries();
  for (const [program, users] of PROGRAMS) {
    if (!isNeeded(users) || (await ensureProgram(program))) continue;
    say(`${program} is missing; to install it, type: ${howToInstall(program)}`);
  }
}

/**
 * The checks that the arguments ask for; none when they are meant for `bun test`.
 * @param {readonly string[]} args
 */
function selectChecks([first, second = ""]) {
  if (first === undefined) return Object.keys(CHECKS);
  if (first === "--only") return second.split(",");
  return first.startsWith("--only=") ? first.slice("--only=".length).split(",") : [];
}

/**
 * @param {Counts} total
 * @param {Counts} counts
 */
function add(total, counts) {
  total.passedCount += counts.passedCount;
  total.failedCount += counts.failedCount;
  total.skippedCount += counts.skippedCount;
}
