import { parseArgs } from "node:util";
import { report } from "./report.ts";
import { runModule } from "./run-module.ts";

/** A worker process: `main ENTRY --sock PATH`. Arguments that it does not know are those of a later engine. */
const { values, positionals } = parseArgs({
  options: { sock: { type: "string" } },
  strict: false,
  allowPositionals: true,
});
const [entry] = positionals;
if (entry === undefined || typeof values.sock !== "string") {
  report("Cannot start a worker: ENTRY and --sock PATH are needed; `vilya serve` starts workers");
  process.exit(2);
}
await runModule(entry, values.sock);
