// `npm run bench -- NAME [options]`: runs bench/NAME.ts on the project's own runtime; without a name it lists what there is.
import { existsSync, readdirSync } from "node:fs";
import { findBun } from "./lib/bun.mjs";
import { runInForeground } from "./lib/foreground.mjs";
import { main } from "./lib/main.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { say } from "./lib/report.mjs";
import { inRepository } from "./lib/repository.mjs";

const USAGE_EXIT_CODE = 2;

await main(async () => {
  await ensureNpmPackages();
  const [name = "", ...args] = process.argv.slice(2);
  const script = inRepository("bench", `${name}.ts`);
  if (!/^[\w/-]+$/.test(name) || !existsSync(script)) {
    const names = readdirSync(inRepository("bench")).filter((file) => file.endsWith(".ts"));
    say(
      `usage: npm run bench -- NAME [options], where NAME is one of: ${names.map((file) => file.slice(0, -3)).join(", ")}`,
    );
    return USAGE_EXIT_CODE;
  }
  return runInForeground(findBun(), [script, ...args], { cwd: inRepository() });
});
