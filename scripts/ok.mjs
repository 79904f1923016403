// `npm run ok`: the gate before a commit. The same checks as `npm test`, up to the first that fails.
import { main } from "./lib/main.mjs";
import { runGate } from "./lib/gate.mjs";

await main(() => runGate(process.argv.slice(2), { stopsAtFirstFailure: true }));
