import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { findTestPython } from "./python.ts";
import { startVilya, type VilyaOptions, type VilyaServer } from "./vilya.ts";

/** Where the applications of tests are. */
export const PYTHON_APPS: string = join(import.meta.dir, "apps/python");

/** Starts a server with one worker of an application below `test/support/apps/python`, in the directory of the server. */
export function servePython(entry: string, options: VilyaOptions = {}): Promise<VilyaServer> {
  const env = { PYTHONPATH: PYTHON_APPS, PYTHONDONTWRITEBYTECODE: "1" };
  // Frameworks take seconds to import where a machine has other work.
  const workers = { count: 1, start_timeout: "60s", ...(options.config?.["workers"] as object | undefined) };
  const standard = { runtime: "python", binary: findTestPython(), entry, env };
  return startVilya({ ...options, config: { ...standard, ...options.config, workers } });
}

/** The lines that the application has written into `trace.txt`. */
export function traceOf(server: VilyaServer): readonly string[] {
  const path = join(server.directory, "trace.txt");
  return existsSync(path) ? readFileSync(path, "utf8").trimEnd().split("\n") : [];
}
