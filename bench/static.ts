/**
 * Static files against nginx with sendfile, one worker process each: requests/s, and processor time a request, which a busy machine
 * disturbs less.
 *
 *     npm run bench -- static [--rounds 5] [--seconds 3] [--connections 64]
 */
import { readFileSync } from "node:fs";
import { parseArgs } from "node:util";

import { hasNginx } from "./contenders/nginx-tls.ts";
import { FILES, Site, startNginxStatic, startVilyaStatic } from "./contenders/static-files.ts";
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

/** Microseconds of a processor that a process has used; the kernel counts in hundredths of a second. */
function processorUs({ processId }: Server): number {
  const fields = readFileSync(`/proc/${processId}/stat`, "latin1")
    .replace(/^.*\) /, "")
    .split(" ");
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

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
      const beforeUs = processorUs(server);
      const rate = await wrk({ url: server.url + file, connections, seconds });
      const row = processorUsPerRequest.get(name) ?? [];
      processorUsPerRequest.set(name, [...row, (processorUs(server) - beforeUs) / (rate * seconds)]);
      return rate;
    };
    return { name, measure };
  }),
);

console.log(`requests/s, wrk -t1 -c${connections} -d${seconds}s, contenders in turn:`);
const { figures, repeatedCount, stealShareMax } = await runRounds(contestants, rounds);
console.log(
  `\n${rounds} rounds counted, ${repeatedCount} repeated, steal at most ${(stealShareMax * 100).toFixed(1)} %`,
);
console.log("\nrequests/s                min / median / max");
for (const [name, row] of figures) console.log(`  ${name.padEnd(22)} ${renderSummary(summarize(row), 0)}`);
console.log("\nprocessor µs a request    min / median / max");
for (const [name, row] of processorUsPerRequest)
  console.log(`  ${name.padEnd(22)} ${renderSummary(summarize(row), 1)}`);
console.log("\nvilya : nginx, round by round     min / median / max");
for (const file of Object.keys(FILES)) {
  const [ours, theirs] = [figures.get(`vilya ${file}`)!, figures.get(`nginx ${file}`)!];
  const ratios = ours.map((figure, round) => figure / theirs[round]!);
  console.log(`  ${file.padEnd(30)} ${renderSummary(summarize(ratios), 2)}   (goal 0.8)`);
}
