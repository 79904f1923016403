// `npm run build`: Vilya as one executable with its runtime inside. `npm run build -- FILE` writes it elsewhere than to dist/vilya.
import { rmSync, statSync } from "node:fs";
import { resolve } from "node:path";
import { findBun } from "./lib/bun.mjs";
import { main } from "./lib/main.mjs";
import { ensureNpmPackages } from "./lib/npm-packages.mjs";
import { step } from "./lib/report.mjs";
import { inRepository } from "./lib/repository.mjs";
import { run } from "./lib/run.mjs";

await main(async () => {
  await ensureNpmPackages();
  const asked = process.argv[2];
  const target = asked ? resolve(process.env.INIT_CWD ?? process.cwd(), asked) : inRepository("dist", "vilya");
  const { exitCode } = await step(
    `Building ${asked ?? "dist/vilya"}`,
    () =>
      run(findBun(), [
        "build",
        "--compile",
        // As in bin/vilya: the .env and bunfig.toml of the folder it is started in are none of Vilya's business.
        "--no-compile-autoload-dotenv",
        "--no-compile-autoload-bunfig",
        "--sourcemap=inline",
        inRepository("src", "cli", "main.ts"),
        "--outfile",
        target,
      ]),
    ({ exitCode, output }) =>
      exitCode === 0
        ? { isPassed: true, note: `${Math.round(statSync(target).size / 2 ** 20)} MiB` }
        : { isPassed: false, details: output },
  );
  // Stack traces use the copy inside the executable.
  rmSync(`${target}.map`, { force: true });
  return exitCode;
});
