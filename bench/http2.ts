/**
 * HTTP/2 in the clear against HTTP/1.1 at the same concurrency, through PHP workers and without them, and against the runtime's own server.
 *
 *     npm run bench -- http2 [--rounds 5] [--seconds 5] [--connections 4] [--streams 32] [--workers 4]
 */
import { parseArgs } from "node:util";

import { startNodeHttp2 } from "./contenders/node-http2.ts";
import { startVilya } from "./contenders/vilya.ts";
import { h2load, hasH2load } from "./lib/h2load.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { renderSummary, summarize } from "./lib/summary.ts";

const { values } = parseArgs({
  options: {
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "5" },
    connections: { type: "string", default: "4" },
    streams: { type: "string", default: "32" },
    workers: { type: "string", default: "4" },
  },
});
const rounds = Number(values.rounds);
const seconds = Number(values.seconds);
const connections = Number(values.connections);
const streams = Number(values.streams);
const workers = Number(values.workers);

if (!hasH2load()) {
  console.error("error: h2load is not installed\n  try: apt-get install nghttp2-client");
  process.exit(1);
}

await using servers = new AsyncDisposableStack();
const php = servers.use(await startVilya({ runtime: "php", workers }));
const stub = servers.use(await startVilya({ runtime: "stub", workers }));
const node = servers.use(await startNodeHttp2());

function http2(name: string, url: string): Contestant {
  return { name, measure: () => h2load({ url, connections, streams, seconds }) };
}

function http1(name: string, url: string): Contestant {
  return { name, measure: () => h2load({ url, connections: connections * streams, streams: "http1", seconds }) };
}

const contestants = [
  http2("php h2", php.url),
  http1("php h1", php.url),
  http2("stub h2", stub.url),
  http1("stub h1", stub.url),
  http2("node:http2", node.url),
];
for (const { url } of [php, stub, node]) await h2load({ url, connections, streams, seconds: 1 });

console.log(
  `requests/s, h2load -t1 -D${seconds}, h2: ${connections} connections x ${streams} streams, h1: ${connections * streams} connections, ${workers} PHP workers, contenders in turn:`,
);
const { figures, repeatedCount, stealShareMax } = await runRounds(contestants, rounds);
console.log(
  `\n${rounds} rounds counted, ${repeatedCount} repeated, steal at most ${(stealShareMax * 100).toFixed(1)} %`,
);
console.log("\nrequests/s                min / median / max");
for (const [name, row] of figures) console.log(`  ${name.padEnd(22)} ${renderSummary(summarize(row), 0)}`);
console.log("\nratio, round by round     min / median / max");
const goals: [string, string, string][] = [
  ["php h2", "php h1", "goal 1.0"],
  ["stub h2", "node:http2", "goal 2"],
  ["stub h2", "stub h1", "no goal"],
];
for (const [a, b, goal] of goals) {
  const [first, second] = [figures.get(a)!, figures.get(b)!];
  const ratios = first.map((figure, round) => figure / second[round]!);
  console.log(`  ${`${a} : ${b}`.padEnd(27)} ${renderSummary(summarize(ratios), 2)}   (${goal})`);
}
