/**
 * Static files against nginx with sendfile, one worker process each: requests/s, and processor time a request, which a busy machine
 * disturbs less.
 *
 *     npm run bench -- static [--rounds 5] [--seconds 3] [--connections 64]
 */
import { hasNginx } from "./contenders/nginx-tls.ts";
import { FILES, Site, startNginxStatic, startVilyaStatic } from "./contenders/static-files.ts";
import { printFigures, printRatios, printRows } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { processorUs } from "./lib/host.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import { wrk } from "./lib/wrk.ts";

const { rounds, seconds, connections } = readFlags({ rounds: 5, seconds: 3, connections: 64 });

if (!hasNginx()) {
  console.log("nginx is not installed: there is nothing to compare with (apt-get install nginx-light)");
  process.exit(1);
}
using site = new Site();
await using servers = new AsyncDisposableStack();
const contenders = {
  vilya: servers.use(await startVilyaStatic(site)),
  nginx: servers.use(await startNginxStatic(site)),
};
const processorUsPerRequest = new Map<string, number[]>();
const contestants = Object.keys(FILES).flatMap((file) =>
  Object.entries(contenders).map(([contender, server]): Contestant => {
    const name = `${contender} ${file}`;
    const measure = async (): Promise<number> => {
      const beforeUs = processorUs(server.processId);
      const rate = await wrk({ url: server.url + file, connections, seconds });
      const row = processorUsPerRequest.get(name) ?? [];
      processorUsPerRequest.set(name, [...row, (processorUs(server.processId) - beforeUs) / (rate * seconds)]);
      return rate;
    };
    return { name, measure };
  }),
);

console.log(`requests/s, wrk -t1 -c${connections} -d${seconds}s, contenders in turn:`);
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRows(processorUsPerRequest, "processor µs a request", 1);
printRatios(
  result,
  Object.keys(FILES).map((file) => ({ of: `vilya ${file}`, by: `nginx ${file}`, note: "goal 0.8" })),
);
