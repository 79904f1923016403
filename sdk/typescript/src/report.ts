import { inspect } from "node:util";

/** Tells the engine's log, over STDERR, what an app could not be told. */
export function report(what: string, error?: unknown): void {
  process.stderr.write(error === undefined ? `${what}\n` : `${what}: ${inspect(error)}\n`);
}
