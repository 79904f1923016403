/**
 * What an access log to a file costs: requests a second, and processor time of the front a request, with it against without.
 *
 *     npm run bench -- access-log [--rounds 5] [--seconds 3] [--connections 64] [--runtime stub]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { startVilya } from "./contenders/vilya.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { wrk } from "./lib/wrk.ts";

/** The kernel's unit in /proc/PID/stat, in microseconds. */
const TICK_US = 10_000;

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
    runtime: { type: "string", default: "stub" },
  },
});
const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(Number) as [
  number,
  number,
  number,
];
const runtime = values.runtime === "php" ? "php" : "stub";

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

const { figures } = await runRounds(contestants, rounds);
console.log(`\n${runtime}, wrk -t1 -c${connections} -d${seconds}s, in turn          min / median / max`);
for (const [name, row] of figures) {
  console.log(`  ${name.padEnd(9)} requests/s              ${renderSummary(summarize(row), 0)}`);
  console.log(`  ${name.padEnd(9)} µs of the front, each   ${renderSummary(summarize(costsUs.get(name) ?? []), 2)}`);
}
const off = figures.get("off") ?? [];
for (const name of ["combined", "json"]) {
  const ratios = (figures.get(name) ?? []).map((rate, round) => rate / off[round]!);
  console.log(`  ${name} : off   ${renderSummary(summarize(ratios), 3)}   (goal 0.93)`);
}

/** Of all threads of a process, in user and kernel mode. */
function processorUs(processId: number): number {
  const fields = readFileSync(`/proc/${processId}/stat`, "latin1").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_US;
}
