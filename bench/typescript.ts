/**
 * Requests a second of a TypeScript app behind Vilya against the same handler in bare `Bun.serve`, with one worker and with two.
 *
 *     npm run bench -- typescript [--rounds 5] [--seconds 3] [--connections 64]
 */
import { startBunServe } from "./contenders/bun-serve.ts";
import { startVilya } from "./contenders/vilya.ts";
import { printFigures, printRatios } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import type { Server } from "./lib/server.ts";
import { wrk } from "./lib/wrk.ts";

const { rounds, seconds, connections } = readFlags({ rounds: 5, seconds: 3, connections: 64 });
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
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRatios(result, [
  { of: "1 worker", by: "Bun.serve", note: "goal 0.6" },
  { of: "2 workers", by: "Bun.serve", note: "goal 0.6" },
  { of: "2 workers", by: "1 worker", note: "reported" },
]);
