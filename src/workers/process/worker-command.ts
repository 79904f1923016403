import { chmodSync, existsSync } from "node:fs";
import { join } from "node:path";
import type { AppConfig } from "../../config/app-config.ts";
import { findPython } from "../../config/find-python.ts";
import { WorkerStartError } from "./worker-start-error.ts";

/** How the libraries for TypeScript, JavaScript and Python apps are run. */
export interface ModuleRunner {
  /** The command that runs it on the engine's own runtime; the app's module follows. */
  readonly command: readonly string[];
  /** Its main file in TypeScript; `null` where there is none on the disk. */
  readonly sourceFile: string | null;
  /** The main file of the library in Python; `null` where there is none on the disk. */
  readonly pythonFile: string | null;
}

/** The name of the library in JavaScript, as Node.js runs it. */
const BUNDLE_NAME = "worker-library.mjs";

/**
 * The words that start a worker of `app`; its socket follows them.
 *
 * @param directory where a file that workers need may be put, once for all of them.
 * @throws {WorkerStartError} when the library for Node.js cannot be made.
 */
export function workerCommand(app: AppConfig, runner: ModuleRunner, directory: string): readonly string[] {
  const { binary, binaryArguments, entry } = app;
  switch (app.runtime) {
    case "bun": {
      const [ownBinary = "", ...ownArguments] = runner.command;
      return [binary ?? ownBinary, ...binaryArguments, ...ownArguments, entry];
    }
    case "node":
      return [binary ?? "node", ...binaryArguments, bundleFor(runner, directory), entry];
    case "python":
      return pythonCommand(app, runner);
    default:
      return [binary ?? "", ...binaryArguments, ...(entry === "" ? [] : [entry])];
  }
}

/** Without a library beside the engine the package `vilya` has to be installed where the app is. */
function pythonCommand(app: AppConfig, { pythonFile }: ModuleRunner): readonly string[] {
  const { interface: kind, lifespan, threadCount, rootPath, specVersion, disconnectGraceMs } = app.python;
  return [
    app.binary ?? findPython(app.workingDirectory, existsSync),
    ...app.binaryArguments,
    ...(pythonFile === null ? ["-m", "vilya"] : [pythonFile]),
    app.entry,
    `--interface=${kind}`,
    `--lifespan=${lifespan}`,
    `--concurrency=${app.pool.concurrencyMax}`,
    `--threads=${threadCount}`,
    `--disconnect-grace=${disconnectGraceMs / 1_000}`,
    `--root-path=${rootPath}`,
    `--spec-version=${specVersion}`,
  ];
}

/** Node.js runs no TypeScript from packages: it gets the library as one file of JavaScript. */
function bundleFor({ sourceFile, command }: ModuleRunner, directory: string): string {
  const path = join(directory, BUNDLE_NAME);
  if (existsSync(path)) return path;
  if (sourceFile === null) {
    const message =
      "Cannot start a worker on Node.js: this executable holds no library for it, the npm package vilya has one";
    throw new WorkerStartError("VILYA_WORKER_LIBRARY_MISSING", message);
  }
  const [bun = process.execPath] = command;
  const { exitCode, stderr } = Bun.spawnSync(
    [bun, "build", sourceFile, "--target=node", "--format=esm", "--outfile", path],
    {
      stdout: "ignore",
    },
  );
  if (exitCode === 0) {
    // Workers may be another user than we are, and it is no secret.
    chmodSync(path, 0o644);
    return path;
  }
  const message = `Cannot start a worker on Node.js: its library cannot be built (${stderr.toString().trim()})`;
  throw new WorkerStartError("VILYA_WORKER_LIBRARY_MISSING", message);
}
