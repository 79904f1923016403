import { resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { AppError, toApp } from "./app.ts";
import { acceptIncomingRequests } from "./accept-requests.ts";
import { acceptStandIns } from "./accept-stand-ins.ts";
import { captureServer } from "./capture-server.ts";
import type { ServedApp } from "./framework-app.ts";
import { report } from "./report.ts";
import { replaceResponse } from "./response-constructor.ts";
import { Worker } from "./worker.ts";

/**
 * The life of a worker process: loads the module, serves its default export on the engine's socket, and exits.
 *
 * @throws what the module throws while it is loaded or started: the process ends with its stack on STDERR.
 */
export async function runModule(entry: string, socketPath: string): Promise<never> {
  // Of many requests that run here, one that forgot a rejection must not cost the others.
  process.on("unhandledRejection", (reason) => report("A promise was rejected and nobody has caught it", reason));
  replaceResponse();
  acceptIncomingRequests();
  acceptStandIns();
  const path = resolve(entry);
  const capture = captureServer(path);
  const module = await load(path);
  const server = capture === null ? null : await capture();
  const given = exportedBy(module);
  // Not whatever has a `then`: an app may answer to any name.
  const exported = given instanceof Promise ? defaultExportOf(await given) : given;
  // Not before: what is wrong with the module itself the platform shows better, with its place.
  process.on("uncaughtException", endAfter);
  const sdk = `vilya-typescript/${process.env["VILYA_VERSION"] ?? "0"}`;
  await new Worker({ app: server?.app ?? appOf(exported, path), socketPath, sdk }).run();
  process.exit(0);
}

interface Module {
  readonly default?: unknown;
  readonly fetch?: unknown;
}

/** The sentence says it all: a stack would lead to this library and not into the module. */
function appOf(exported: unknown, path: string): ServedApp {
  try {
    return toApp(exported, path);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    report(error.message);
    process.exit(1);
  }
}

async function load(path: string): Promise<Module> {
  try {
    return (await import(pathToFileURL(path).href)) as Module;
  } catch (error) {
    const isTypeScript = /\.(?:[cm]?ts|[jt]sx)$/.test(path) && hasCode(error, "ERR_UNKNOWN_FILE_EXTENSION");
    if (!isTypeScript) throw error;
    const allowed =
      "TypeScript without JSX is allowed from 22.18 on, and all of it with args: --import tsx, or with runtime: bun";
    report(`Cannot load ${path}: Node.js ${process.version} runs no such file, ${allowed}`);
    process.exit(1);
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

/** The default export, which may be on its way, or the module itself where it exports a `fetch` by name. */
function exportedBy(module: Module): unknown {
  const isNamed = module.default === undefined && typeof module.fetch === "function";
  return isNamed ? module : defaultExportOf(module.default);
}

/** Of a module that was compiled to CommonJS the platform takes all of its exports for the default one. */
function defaultExportOf(exported: unknown): unknown {
  const isCompiled = exported !== null && typeof exported === "object" && "__esModule" in exported;
  return isCompiled && "default" in exported ? exported.default : exported;
}

/** Nobody knows what such an exception has left half done. Bun would go on, because the module that runs the worker has not ended. */
function endAfter(error: unknown): void {
  // An app may have a handler of its own, and then it decides.
  if (process.listenerCount("uncaughtException") > 1) return;
  report("An exception was thrown outside of any request", error);
  process.exit(1);
}
