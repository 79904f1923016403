// `npm run vilya -- ARGS`: Vilya's command line from a checkout, started where the user is.
import { runInForeground } from "./lib/foreground.mjs";
import { main } from "./lib/main.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { inRepository } from "./lib/repository.mjs";

await main(async () => {
  await ensureNpmPackages();
  // npm goes to the top of the checkout; relative paths in the arguments start where npm was called.
  const cwd = process.env.INIT_CWD ?? process.cwd();
  return runInForeground(inRepository("bin", "vilya"), process.argv.slice(2), { cwd });
});
