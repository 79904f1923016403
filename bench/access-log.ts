/**
 * What an access log to a file costs: requests a second, and processor time of the front a request, with it against without.
 *
 *     npm run bench -- access-log [--rounds 5] [--seconds 3] [--connections 64] [--runtime stub]
 */
import { startVilya } from "./contenders/vilya.ts";
import { printFigures, printRatios, printRows } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { processorUs } from "./lib/host.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { wrk } from "./lib/wrk.ts";

const flags = readFlags({ rounds: 5, seconds: 3, connections: 64, runtime: "stub" });
const { rounds, seconds, connections } = flags;
const runtime = flags.runtime === "php" ? "php" : "stub";

await using servers = new AsyncDisposableStack();
const contestants: Contestant[] = [];
const costsUs = new Map<string, number[]>();
for (const [name, accessFormat] of [
  ["off", undefined],
  ["combined", "combined"],
  ["json", "json"],
] as const) {
  const server = servers.use(
    await startVilya({ runtime, workers: 2, ...(accessFormat !== undefined && { accessFormat }) }),
  );
  await wrk({ url: server.url, connections, seconds: 1 });
  costsUs.set(name, []);
  const measure = async (): Promise<number> => {
    const beforeUs = processorUs(server.processId);
    const rate = await wrk({ url: server.url, connections, seconds });
    costsUs.get(name)?.push((processorUs(server.processId) - beforeUs) / (rate * seconds));
    return rate;
  };
  contestants.push({ name, measure });
}

console.log(`${runtime}, wrk -t1 -c${connections} -d${seconds}s, in turn:`);
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRows(costsUs, "µs of the front, each", 2);
printRatios(result, [
  { of: "combined", by: "off", note: "goal 0.93" },
  { of: "json", by: "off", note: "goal 0.93" },
]);
