/**
 * Requests a second of a TypeScript app behind Vilya against the same handler in bare `Bun.serve`, with one worker and with two.
 *
 *     npm run bench -- typescript [--rounds 5] [--seconds 3] [--connections 64]
 */
import { parseArgs } from "node:util";

import { startBunServe } from "./contenders/bun-serve.ts";
import { startVilya } from "./contenders/vilya.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import type { Server } from "./lib/server.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { wrk } from "./lib/wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "3" },
    connections: { type: "string", default: "64" },
  },
});
const [rounds, seconds, connections] = [values.rounds, values.seconds, values.connections].map(Number) as [
  number,
  number,
  number,
];
const script = "bench/apps/typescript/app.ts";

const peers: Record<string, () => Promise<Server>> = {
  "Bun.serve": startBunServe,
  "1 worker": () => startVilya({ runtime: "bun", workers: 1, script }),
  "2 workers": () => startVilya({ runtime: "bun", workers: 2, script }),
};

await using servers = new AsyncDisposableStack();
const contestants: Contestant[] = [];
for (const [name, start] of Object.entries(peers)) {
  const server = servers.use(await start());
  await wrk({ url: server.url, connections, seconds: 1 });
  contestants.push({ name, measure: () => wrk({ url: server.url, connections, seconds }) });
}

console.log(`requests/s, wrk -t1 -c${connections} -d${seconds}s, contenders in turn:`);
const { figures, repeatedCount, stealShareMax } = await runRounds(contestants, rounds);
console.log(
  `\n${rounds} rounds counted, ${repeatedCount} repeated, steal at most ${(stealShareMax * 100).toFixed(1)} %`,
);
console.log("\nrequests/s                min / median / max");
for (const [name, row] of figures) console.log(`  ${name.padEnd(22)} ${renderSummary(summarize(row), 0)}`);
console.log("\nratio, round by round     min / median / max");
const goals: [string, string, string][] = [
  ["1 worker", "Bun.serve", "goal 0.6"],
  ["2 workers", "Bun.serve", "goal 0.6"],
  ["2 workers", "1 worker", "reported"],
];
for (const [a, b, goal] of goals) {
  const ratios = figures.get(a)!.map((figure, round) => figure / figures.get(b)![round]!);
  console.log(`  ${`${a} : ${b}`.padEnd(27)} ${renderSummary(summarize(ratios), 2)}   (${goal})`);
}
