import { lstatSync, readFileSync } from "node:fs";
import { findBun } from "./bun.mjs";
import { excerpt, step } from "./report.mjs";
import { inRepository } from "./repository.mjs";
import { run } from "./run.mjs";
import { tryAgain } from "./try-again.mjs";

/**
 * Installs the npm packages, Bun among them, unless what is there is what `package-lock.json` names. Says nothing when there is
 * nothing to do.
 * @throws {Error} when they cannot be installed.
 */
export async function ensureNpmPackages() {
  // npm leaves out for good what does not run on this version of Node.js: to ask for that would install each time.
  if (isInstalled({ isOptionalNeeded: false })) return;
  if (lstatSync(inRepository("node_modules"), { throwIfNoEntry: false })?.isSymbolicLink()) {
    throw new Error(
      "Cannot install the npm packages: node_modules is a link, and npm ci would empty the folder of another checkout. Install them there",
    );
  }
  const { exitCode } = await step(
    "Installing npm packages (Bun, about 40 MB, is one of them)",
    () =>
      tryAgain(
        () => run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]),
        // npm goes on without an optional package that it could not load.
        ({ exitCode }) => exitCode === 0 && isInstalled({ isOptionalNeeded: true }),
      ),
    ({ exitCode, output }) => ({ isPassed: exitCode === 0, details: exitCode === 0 ? "" : excerpt(output) }),
  );
  if (exitCode !== 0) throw new Error("Cannot install the npm packages: npm ci failed as shown above");
  findBun();
}

/**
 * Whether every package the lock file requires is there in its version and Bun can run.
 * @param {{ isOptionalNeeded: boolean }} settings whether those that are for machines like this one count as required.
 */
function isInstalled({ isOptionalNeeded }) {
  try {
    const wanted = readPackages("package-lock.json");
    const present = readPackages("node_modules/.package-lock.json");
    for (const [path, locked] of Object.entries(wanted)) {
      const { version, optional } = locked;
      if (path === "") continue; // The project.
      const isNeeded = !optional || (isOptionalNeeded && isForThisMachine(locked));
      if (!isNeeded && present[path] === undefined) continue;
      if (present[path]?.version !== version) return false;
    }
    findBun();
    return true;
  } catch {
    return false; // Nothing installed yet, or half of it.
  }
}

/**
 * One package of a lock file: what it is made for is left out where that is everything.
 * @typedef {{ version: string, optional?: boolean, os?: string[], cpu?: string[], libc?: string[] }} LockedPackage
 * @typedef {{ packages: Record<string, LockedPackage> }} LockFile
 */

/** @param {LockedPackage} locked */
function isForThisMachine({ os, cpu, libc }) {
  if (os !== undefined && !os.includes(process.platform)) return false;
  if (cpu !== undefined && !cpu.includes(process.arch)) return false;
  return libc === undefined || libc.includes(libcHere());
}

function libcHere() {
  const report = /** @type {{ header: { glibcVersionRuntime?: string } }} */ (process.report.getReport());
  return report.header.glibcVersionRuntime === undefined ? "musl" : "glibc";
}

/** @param {string} path */
const readPackages = (path) => /** @type {LockFile} */ (JSON.parse(readFileSync(inRepository(path), "utf8"))).packages;
