import { createHash, randomUUID } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { excerpt, step } from "./report.mjs";
import { inRepository } from "./repository.mjs";
import { run } from "./run.mjs";
import { howToInstall, installSystemPackages } from "./system-packages.mjs";
import { tryAgain } from "./try-again.mjs";

/** Packages by name and version; the folder of the environment is named after all of them. */
const REQUIREMENTS = inRepository("sdk/python/requirements-test.txt");
/** Python 3.10 is the first release the package runs on. Debian has `ensurepip`, which `venv` needs, in a package of its own. */
const PROBE = 'import sys, ensurepip; assert sys.version_info >= (3, 10); print("Python", *sys.version_info[:3])';

/**
 * The interpreter that the checks of Python code use: in a virtual environment below `node_modules/.cache` with everything they need, which is
 * made on first use. `python` is null when there is none, and `hint` says what to type or what went wrong.
 * @typedef {{ python: string, hint: null } | { python: null, hint: string }} TestPython
 */

/** @type {Promise<TestPython> | undefined} */
let ensured;

/**
 * Looks for Python and for the environment once a process, and installs both where it may.
 * @returns {Promise<TestPython>}
 */
export const ensurePython = () => (ensured ??= findOrMake());

/**
 * Looks for a Python that the package runs on, without any packages, and installs it where it may.
 * @returns {Promise<{ hint: string | null }>} `hint` says what to type when there is none.
 */
export async function ensurePlainPython() {
  const args = ["-c", "import sys; assert sys.version_info >= (3, 10)"];
  const isThere = async () => (await run("python3", args)).exitCode === 0;
  const isUsable = (await isThere()) || ((await installSystemPackages("python3")) && (await isThere()));
  return { hint: isUsable ? null : howToInstall("python3") };
}

/** @returns {Promise<TestPython>} */
async function findOrMake() {
  const version = (await probe()) ?? ((await installSystemPackages("venv")) ? await probe() : null);
  if (version === null)
    return { python: null, hint: `Python 3.10 or newer with venv is missing; type: ${howToInstall("venv")}` };
  const key = createHash("sha256").update(version).update(readFileSync(REQUIREMENTS)).digest("hex").slice(0, 12);
  const folder = inRepository("node_modules/.cache", `python-${key}`);
  const python = join(folder, "bin/python");
  if (existsSync(python)) return { python, hint: null };
  const isMade = await step(
    "Installing Python packages (about 120 MB)",
    () => make(folder),
    (problem) => ({ isPassed: problem === "", details: problem }),
  );
  return isMade === "" ? { python, hint: null } : { python: null, hint: "the Python packages cannot be installed" };
}

/**
 * Python's name and version; null without one that will do.
 * @returns {Promise<string | null>}
 */
async function probe() {
  const { exitCode, output } = await run("python3", ["-c", PROBE]);
  return exitCode === 0 ? output.trim() : null;
}

/**
 * Makes the environment beside its place and moves it there when it is complete: half of one is never used.
 * @param {string} folder
 * @returns {Promise<string>} what went wrong; empty when nothing did.
 */
async function make(folder) {
  const draft = `${folder}.${randomUUID()}`;
  const install = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-compile", "--no-deps"];
  try {
    for (const [program, args] of /** @type {const} */ ([
      ["python3", ["-m", "venv", draft]],
      [join(draft, "bin/python"), [...install, "--requirement", REQUIREMENTS]],
    ])) {
      const { exitCode, output } = await tryAgain(
        () => run(program, args),
        (outcome) => outcome.exitCode === 0,
      );
      if (exitCode !== 0) return excerpt(output);
    }
    try {
      renameSync(draft, folder);
    } catch (error) {
      if (!existsSync(folder)) throw error; // Otherwise somebody else has just made it.
    }
    return "";
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
