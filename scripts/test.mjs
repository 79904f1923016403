// `npm test`: installs what is missing and runs every check to its end. `npm test -- --only lint,unit` runs some of them,
// `npm test -- src/kernel -t "one turn"` the tests that `bun test` selects.
import { main } from "./lib/main.mjs";
import { runGate } from "./lib/gate.mjs";

await main(() => runGate(process.argv.slice(2)));
