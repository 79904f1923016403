import { fileURLToPath } from "node:url";
import type { ModuleRunner } from "../workers/worker-command.ts";
import { COMPILED_ROOT } from "./role-command.ts";

/** How this program runs the modules of TypeScript and JavaScript apps: with the library beside it, or the one in the executable. */
export function findModuleRunner(): ModuleRunner {
  if (import.meta.path.startsWith(COMPILED_ROOT)) return { command: [process.execPath, "__worker"], sourceFile: null };
  const sourceFile = fileURLToPath(new URL("../../sdk/typescript/src/main.ts", import.meta.url));
  return { command: [process.execPath, sourceFile], sourceFile };
}
