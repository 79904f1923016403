/**
 * What slow requests cost their neighbours: one request in a hundred sleeps 200 ms, and the p99 of the fast ones is compared with
 * `prefetch: auto` and `off`. Nothing may be written ahead to a worker that is stuck, so the two should be alike (goal: at most 1.2).
 *
 *     npm run bench -- tail [--rounds 5] [--seconds 5] [--connections 64] [--workers 4]
 */
import { parseArgs } from "node:util";

import { startVilya } from "./contenders/vilya.ts";
import { load } from "./lib/load.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { quantile, renderSummary, summarize } from "./lib/summary.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "64" },
    workers: { type: "string", default: "4" },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const workers = Number(values.workers);

await using servers = new AsyncDisposableStack();
const contestants: Contestant[] = [];
const medians = new Map<string, number[]>();
for (const prefetch of ["auto", "off"] as const) {
  const server = servers.use(await startVilya({ runtime: "php", workers, prefetch }));
  const { hostname: host, port } = new URL(server.url);
  const options = { host, port: Number(port), connections, seconds, slowEvery: 100 };
  medians.set(prefetch, []);
  const measure = async (): Promise<number> => {
    const { fastMs } = await load(options);
    medians.get(prefetch)!.push(quantile(fastMs, 0.5));
    return quantile(fastMs, 0.99);
  };
  contestants.push({ name: prefetch, measure });
}

console.log(
  `p99 of fast requests in ms, 1 in 100 sleeps 200 ms, ${connections} connections, ${workers} workers, ${seconds} s a run:`,
);
const { figures, repeatedCount } = await runRounds(contestants, rounds);
const [auto, off] = [figures.get("auto")!, figures.get("off")!];
console.log(`\n${rounds} rounds counted, ${repeatedCount} repeated`);
console.log("                          min / median / max");
console.log(`  auto, p99 ms            ${renderSummary(summarize(auto), 1)}`);
console.log(`  off, p99 ms             ${renderSummary(summarize(off), 1)}`);
console.log(
  `  auto : off, p99         ${renderSummary(summarize(auto.map((figure, round) => figure / off[round]!)), 2)}   (goal at most 1.2)`,
);
for (const [name, row] of medians)
  console.log(`  ${name.padEnd(4)}, p50 ms            ${renderSummary(summarize(row), 1)}`);
