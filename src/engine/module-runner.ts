import { fileURLToPath } from "node:url";
import type { ModuleRunner } from "../workers/process/worker-command.ts";
import { COMPILED_ROOT } from "./role-command.ts";

/** How this program runs the modules of TypeScript, JavaScript and Python apps: with the library beside it, or the one in the executable. */
export function findModuleRunner(): ModuleRunner {
  if (import.meta.path.startsWith(COMPILED_ROOT)) {
    return { command: [process.execPath, "__worker"], sourceFile: null, pythonFile: null };
  }
  const sourceFile = libraryFile("typescript/src/main.ts");
  const pythonFile = libraryFile("python/src/vilya/__main__.py");
  return { command: [process.execPath, sourceFile], sourceFile, pythonFile };
}

function libraryFile(path: string): string {
  return fileURLToPath(new URL(`../../sdk/${path}`, import.meta.url));
}
