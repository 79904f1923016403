/**
 * Requests a second of warm PHP workers behind Vilya against nginx with php-fpm, and against Vilya's own front without PHP.
 *
 *     npm run bench -- http [--rounds 5] [--seconds 5] [--connections 64] [--workers 4]
 */
import { parseArgs } from "node:util";

import { hasNginxFpm, startNginxFpm } from "./contenders/nginx-fpm.ts";
import { startVilya } from "./contenders/vilya.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import type { Server } from "./lib/server.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { wrk } from "./lib/wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "64" },
    workers: { type: "string", default: "4" },
  },
});
const [rounds, seconds, connections, workers] = [values.rounds, values.seconds, values.connections, values.workers].map(
  Number,
) as [number, number, number, number];

const peers: Record<string, () => Promise<Server>> = {
  "vilya auto": () => startVilya({ runtime: "php", workers, prefetch: "auto" }),
  "vilya off": () => startVilya({ runtime: "php", workers, prefetch: "off" }),
  "vilya stub": () => startVilya({ runtime: "stub", workers }),
};
if (hasNginxFpm()) {
  peers["fpm kept"] = () => startNginxFpm({ workers, keepsConnections: true });
  peers["fpm fair"] = () => startNginxFpm({ workers, keepsConnections: false });
} else console.log("nginx or php-fpm is not installed: their row is missing (apt-get install nginx-light php-fpm)");

await using servers = new AsyncDisposableStack();
const contestants: Contestant[] = [];
for (const [name, start] of Object.entries(peers)) {
  const server = servers.use(await start());
  await wrk({ url: server.url, connections, seconds: 1 });
  contestants.push({ name, measure: () => wrk({ url: server.url, connections, seconds }) });
}

console.log(`requests/s, wrk -t1 -c${connections} -d${seconds}s, ${workers} PHP workers each, contenders in turn:`);
const { figures, repeatedCount, stealShareMax } = await runRounds(contestants, rounds);
console.log(
  `\n${rounds} rounds counted, ${repeatedCount} repeated, steal at most ${(stealShareMax * 100).toFixed(1)} %`,
);
console.log("\nrequests/s                min / median / max");
for (const [name, row] of figures) console.log(`  ${name.padEnd(22)} ${renderSummary(summarize(row), 0)}`);
console.log("\nratio, round by round     min / median / max");
const goals: [string, string, string][] = [
  ["vilya auto", "fpm kept", "goal 5"],
  ["vilya off", "fpm kept", "goal 2"],
  ["vilya auto", "fpm fair", "a connection a request"],
  ["vilya off", "fpm fair", "a connection a request"],
  ["vilya auto", "vilya stub", "goal 0.55"],
];
for (const [a, b, goal] of goals) {
  const [first, second] = [figures.get(a), figures.get(b)];
  if (first === undefined || second === undefined) continue;
  const ratios = first.map((figure, round) => figure / second[round]!);
  console.log(`  ${`${a} : ${b}`.padEnd(27)} ${renderSummary(summarize(ratios), 2)}   (${goal})`);
}
