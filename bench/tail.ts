/**
 * What slow requests cost their neighbours: one request in a hundred sleeps 200 ms, and the p99 of the fast ones is compared with
 * `prefetch: auto` and `off`. Nothing may be written ahead to a worker that is stuck, so the two should be alike (goal: at most 1.2).
 *
 *     npm run bench -- tail [--rounds 5] [--seconds 5] [--connections 64] [--workers 4]
 */
import { startVilya } from "./contenders/vilya.ts";
import { printFigures, printRatios, printRows } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { load } from "./lib/load.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { quantile } from "./lib/summary.ts";

const { rounds, seconds, connections, workers } = readFlags({ rounds: 5, seconds: 5, connections: 64, workers: 4 });

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
const result = await runRounds(contestants, rounds);
printFigures(result, "p99 in ms", 1);
printRows(medians, "p50 in ms", 1);
printRatios(result, [{ of: "auto", by: "off", note: "goal at most 1.2" }]);
