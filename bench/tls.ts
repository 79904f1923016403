/**
 * HTTP/1.1 over TLS against the same in the clear, through PHP workers and without them, and nginx doing the same without workers.
 *
 *     npm run bench -- tls [--rounds 5] [--seconds 4] [--connections 64] [--workers 4]
 */
import { hasNginx, startNginxTls } from "./contenders/nginx-tls.ts";
import { type SecureServer, startVilyaTls } from "./contenders/vilya-tls.ts";
import { printFigures, printRatios } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { wrk } from "./lib/wrk.ts";

const { rounds, seconds, connections, workers } = readFlags({ rounds: 5, seconds: 4, connections: 64, workers: 4 });

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
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRatios(result, [
  { of: "php TLS", by: "php clear", note: "goal 0.6" },
  { of: "stub TLS", by: "stub clear", note: "for comparison" },
  { of: "nginx TLS", by: "nginx clear", note: "for comparison" },
  { of: "stub TLS", by: "nginx TLS", note: "for comparison" },
]);
