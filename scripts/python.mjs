// `node scripts/python.mjs`: prints the path of the Python that tests run, in an environment that is made when it is not there.
import { main } from "./lib/main.mjs";
import { ensurePython } from "./lib/python.mjs";
import { say } from "./lib/report.mjs";

await main(async () => {
  const { python, hint } = await ensurePython();
  say(python ?? hint);
  return python === null ? 1 : 0;
});
