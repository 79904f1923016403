/**
 * What being observed costs: requests a second, and processor time of the front a request, with an access log to a file, 1 % of requests traced and a scrape a second, against none of
 * that. Requests are counted in both: counting cannot be turned off.
 *
 *     npm run bench -- observe [--rounds 5] [--seconds 3] [--connections 64] [--runtime stub]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { startVilya } from "./contenders/vilya.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { freePort } from "./lib/server.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { wrk } from "./lib/wrk.ts";

const GOAL = 0.9;
const SCRAPE_MS = 1_000;

/** The kernel's unit in /proc/PID/stat, in microseconds. */
const TICK_US = 10_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
    runtime: { type: "string", default: "php" },
  },
});
const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(Number) as [
  number,
  number,
  number,
];
const runtime = values.runtime === "stub" ? "stub" : "php";

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

const { figures } = await runRounds(contestants, rounds);
console.log(`\n${runtime}, wrk -t1 -c${connections} -d${seconds}s, in turn          min / median / max`);
for (const [name, row] of figures) {
  console.log(`  ${name.padEnd(9)} requests/s              ${renderSummary(summarize(row), 0)}`);
  console.log(`  ${name.padEnd(9)} µs of the front, each   ${renderSummary(summarize(costsUs.get(name) ?? []), 2)}`);
}
const off = figures.get("off") ?? [];
const ratios = (figures.get("on") ?? []).map((rate, round) => rate / off[round]!);
console.log(`  on : off   ${renderSummary(summarize(ratios), 3)}   (goal ${GOAL}; ${spanCount} spans received)`);

/** Of all threads of a process, in user and kernel mode. */
function processorUs(processId: number): number {
  const fields = readFileSync(`/proc/${processId}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
