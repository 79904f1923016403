/**
 * What being observed costs: requests a second, and processor time of the front a request, with an access log to a file, 1 % of requests
 * traced and a scrape a second, against none of that. Requests are counted in both: counting cannot be turned off.
 *
 *     npm run bench -- observe [--rounds 5] [--seconds 3] [--connections 64] [--runtime php]
 */
import { startVilya } from "./contenders/vilya.ts";
import { printFigures, printRatios, printRows } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { processorUs } from "./lib/host.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { freePort } from "./lib/server.ts";
import { wrk } from "./lib/wrk.ts";

const SCRAPE_MS = 1_000;

const flags = readFlags({ rounds: 5, seconds: 3, connections: 64, runtime: "php" });
const { rounds, seconds, connections } = flags;
const runtime = flags.runtime === "stub" ? "stub" : "php";

let spanCount = 0;
using collector = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    spanCount += (await request.text()).split('"spanId"').length - 1;
    return Response.json({});
  },
});

await using servers = new AsyncDisposableStack();
const contestants: Contestant[] = [];
const costsUs = new Map<string, number[]>();
const adminPort = freePort();
for (const [name, options] of [
  ["off", {}],
  ["on", { accessFormat: "combined", adminPort, tracingEndpoint: `http://127.0.0.1:${collector.port}` }],
] as const) {
  const server = servers.use(await startVilya({ runtime, workers: 4, ...options }));
  await wrk({ url: server.url, connections, seconds: 1 });
  costsUs.set(name, []);
  const measure = async (): Promise<number> => {
    const scrape = (): void => void fetch(`http://127.0.0.1:${adminPort}/metrics`).then((answer) => answer.text());
    const timer = name === "on" ? setInterval(scrape, SCRAPE_MS) : undefined;
    const beforeUs = processorUs(server.processId);
    const rate = await wrk({ url: server.url, connections, seconds });
    clearInterval(timer);
    costsUs.get(name)?.push((processorUs(server.processId) - beforeUs) / (rate * seconds));
    return rate;
  };
  contestants.push({ name, measure });
}

console.log(`${runtime}, wrk -t1 -c${connections} -d${seconds}s, in turn:`);
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRows(costsUs, "µs of the front, each", 2);
printRatios(result, [{ of: "on", by: "off", note: `goal 0.9; ${spanCount} spans received` }]);
