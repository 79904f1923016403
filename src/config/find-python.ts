import { join } from "node:path";

/** Where `python -m venv` and its like put the interpreter, below the folder they were told. */
const VIRTUAL_ENVIRONMENTS = [".venv", "venv"];

/**
 * The interpreter of a Python app whose configuration names none: that of a virtual environment in its working directory, else the one in PATH.
 */
export function findPython(workingDirectory: string, isFile: (path: string) => boolean): string {
  const candidates = VIRTUAL_ENVIRONMENTS.map((folder) => join(workingDirectory, folder, "bin", "python"));
  return candidates.find(isFile) ?? "python3";
}
