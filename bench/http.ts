/**
 * Requests a second of warm PHP workers behind Vilya against nginx with php-fpm, and against Vilya's own front without PHP.
 *
 *     npm run bench -- http [--rounds 5] [--seconds 5] [--connections 64] [--workers 4]
 */
import { hasNginxFpm, startNginxFpm } from "./contenders/nginx-fpm.ts";
import { startVilya } from "./contenders/vilya.ts";
import { printFigures, printRatios } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import type { Server } from "./lib/server.ts";
import { wrk } from "./lib/wrk.ts";

const { rounds, seconds, connections, workers } = readFlags({ rounds: 5, seconds: 5, connections: 64, workers: 4 });

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
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRatios(result, [
  { of: "vilya auto", by: "fpm kept", note: "goal 5" },
  { of: "vilya off", by: "fpm kept", note: "goal 2" },
  { of: "vilya auto", by: "fpm fair", note: "a connection a request" },
  { of: "vilya off", by: "fpm fair", note: "a connection a request" },
  { of: "vilya auto", by: "vilya stub", note: "goal 0.55" },
]);
