/**
 * What a request costs in the Python framework itself, beside Starlette, in four steps: scope, match, parameters, JSON. The goal is a quarter
 * of Starlette's. No server takes part.
 *
 *     npm run bench -- python-framework [--rounds 9]
 */
import { join } from "node:path";
import { parseArgs } from "node:util";

import { findTestPython } from "../test/support/python.ts";
import { renderSummary, summarize } from "./lib/summary.ts";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" } } });

const figures = new Map<string, { vilya: number[]; starlette: number[] }>();
const child = Bun.spawn([findTestPython(), join(import.meta.dir, "python/framework.py"), values.rounds], {
  env: { ...process.env, PYTHONPATH: join(import.meta.dir, "../sdk/python/src"), PYTHONDONTWRITEBYTECODE: "1" },
  stdout: "pipe",
  stderr: "inherit",
});
for (const line of (await new Response(child.stdout).text()).trim().split("\n")) {
  const round = JSON.parse(line) as Record<string, { vilya: number; starlette: number }>;
  for (const [name, { vilya, starlette }] of Object.entries(round)) {
    const row = figures.get(name) ?? { vilya: [], starlette: [] };
    figures.set(name, row);
    row.vilya.push(vilya);
    row.starlette.push(starlette);
  }
}
if ((await child.exited) !== 0) throw new Error("Cannot measure: the script failed");

console.log(`µs a request, ${values.rounds} rounds   min / median / max`);
for (const [name, { vilya, starlette }] of figures) {
  console.log(name);
  console.log(`  vilya              ${renderSummary(summarize(vilya), 2)}`);
  console.log(`  starlette          ${renderSummary(summarize(starlette), 2)}`);
  console.log(
    `  starlette : vilya  ${renderSummary(summarize(starlette.map((time, round) => time / vilya[round]!)), 2)}`,
  );
}
