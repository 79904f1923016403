import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { BunServer, type ServeOptions } from "./bun-server.ts";
import { replaceMethod } from "./replace-method.ts";

/** How long a module that exports nothing may take to call `Bun.serve` once it is loaded: it may wait for a database. */
const CALL_WAIT_MS = 5_000;

/** What says that a module exports, but not what. */
const UNSEEN_EXPORTS = /\bexport\s*\*|\bmodule\s*\.\s*exports\b|\bexports\s*\.|\bexport\s*=/;

/** Waits for the server of a module; `null` when it has started none in time. */
export type ServerCapture = () => Promise<BunServer | null>;

/**
 * Has the first `Bun.serve` of an entry module that exports nothing to serve return a {@link BunServer} from now on. `null` for a module that exports:
 * then a server that it starts is one of its own.
 */
export function captureServer(path: string): ServerCapture | null {
  if (process.versions.bun === undefined || mayExportApp(path)) return null;
  const called = Promise.withResolvers<BunServer>();
  let isCaptured = false;
  replaceMethod(Bun, "serve", (serve) => (options) => {
    if (isCaptured) return serve(options);
    isCaptured = true;
    const server = new BunServer(options as ServeOptions);
    called.resolve(server);
    return server;
  });
  return () => Promise.race([called.promise, nothingIn(CALL_WAIT_MS)]);
}

function mayExportApp(path: string): boolean {
  try {
    const source = readFileSync(path, "utf8");
    const loader = /\.[jt]sx$/.test(path) ? "tsx" : extname(path).endsWith("ts") ? "ts" : "jsx";
    const names = new Bun.Transpiler({ loader }).scan(source).exports;
    return names.includes("default") || names.includes("fetch") || UNSEEN_EXPORTS.test(source);
  } catch {
    // To load it says what is wrong with it.
    return true;
  }
}

function nothingIn(delayMs: number): Promise<null> {
  return new Promise((resolve) => {
    setTimeout(resolve, delayMs, null);
  });
}
