/**
 * HTTP/1.1 over TLS against the same in the clear, through PHP workers and without them, and nginx doing the same without workers.
 *
 *     npm run bench -- tls [--rounds 5] [--seconds 4] [--connections 64] [--workers 4]
 */
import { parseArgs } from "node:util";

import { hasNginx, startNginxTls } from "./contenders/nginx-tls.ts";
import { type SecureServer, startVilyaTls } from "./contenders/vilya-tls.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { wrk } from "./lib/wrk.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "4" },
    connections: { type: "string", default: "64" },
    workers: { type: "string", default: "4" },
  },
});
const [rounds, seconds, connections, workers] = [values.rounds, values.seconds, values.connections, values.workers].map(
  Number,
) as [number, number, number, number];

const starts: Record<string, () => Promise<SecureServer>> = {
  php: () => startVilyaTls({ runtime: "php", workers }),
  stub: () => startVilyaTls({ runtime: "stub", workers }),
};
if (hasNginx()) starts["nginx"] = startNginxTls;
else console.log("nginx is not installed: its row is missing (apt-get install nginx-light)");

await using servers = new AsyncDisposableStack();
const contestants: Contestant[] = [];
for (const [name, start] of Object.entries(starts)) {
  const { url, secureUrl } = servers.use(await start());
  for (const [kind, target] of [
    ["clear", url],
    ["TLS", secureUrl],
  ] as const) {
    await wrk({ url: target, connections, seconds: 1 });
    contestants.push({ name: `${name} ${kind}`, measure: () => wrk({ url: target, connections, seconds }) });
  }
}

console.log(`requests/s, wrk -t1 -c${connections} -d${seconds}s, ${workers} PHP workers, contenders in turn:`);
const { figures, repeatedCount, stealShareMax } = await runRounds(contestants, rounds);
console.log(
  `\n${rounds} rounds counted, ${repeatedCount} repeated, steal at most ${(stealShareMax * 100).toFixed(1)} %`,
);
console.log("\nrequests/s                min / median / max");
for (const [name, row] of figures) console.log(`  ${name.padEnd(22)} ${renderSummary(summarize(row), 0)}`);
console.log("\nratio, round by round     min / median / max");
const goals: [string, string, string][] = [
  ["php TLS", "php clear", "goal 0.6"],
  ["stub TLS", "stub clear", ""],
  ["nginx TLS", "nginx clear", "for comparison"],
  ["stub TLS", "nginx TLS", "for comparison"],
];
for (const [a, b, goal] of goals) {
  const [first, second] = [figures.get(a), figures.get(b)];
  if (first === undefined || second === undefined) continue;
  const ratios = first.map((figure, round) => figure / second[round]!);
  console.log(
    `  ${`${a} : ${b}`.padEnd(27)} ${renderSummary(summarize(ratios), 2)}   ${goal === "" ? "" : `(${goal})`}`,
  );
}
