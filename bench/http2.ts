/**
 * HTTP/2 in the clear against HTTP/1.1 at the same concurrency, through PHP workers and without them, and against the runtime's own server.
 *
 *     npm run bench -- http2 [--rounds 5] [--seconds 5] [--connections 4] [--streams 32] [--workers 4]
 */
import { startNodeHttp2 } from "./contenders/node-http2.ts";
import { startVilya } from "./contenders/vilya.ts";
import { printFigures, printRatios } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { h2load, hasH2load } from "./lib/h2load.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";

const { rounds, seconds, connections, streams, workers } = readFlags({
  rounds: 5,
  seconds: 5,
  connections: 4,
  streams: 32,
  workers: 4,
});

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
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRatios(result, [
  { of: "php h2", by: "php h1", note: "goal 1.0" },
  { of: "stub h2", by: "node:http2", note: "goal 2" },
  { of: "stub h2", by: "stub h1", note: "no goal" },
]);
