/**
 * Processor time of one request, by who spends it: the front and its workers, in user code and in the kernel. Other processes on the machine
 * change requests a second at once and these figures hardly at all.
 *
 *     npm run bench -- cost [--rounds 3] [--seconds 2] [--connections 64] [--workers 4]
 */
import { startVilya } from "./contenders/vilya.ts";
import { readFlags } from "./lib/flags.ts";
import { type ProcessTimes, processTimes, TICK_US } from "./lib/host.ts";
import { childProcessIds, type Server } from "./lib/server.ts";
import { renderSummary, summarize } from "./lib/summary.ts";
import { wrk } from "./lib/wrk.ts";

const { rounds, seconds, connections, workers } = readFlags({ rounds: 3, seconds: 2, connections: 64, workers: 4 });

await using servers = new AsyncDisposableStack();
const contenders: [string, Server][] = [
  ["auto", servers.use(await startVilya({ runtime: "php", workers, prefetch: "auto" }))],
  ["off", servers.use(await startVilya({ runtime: "php", workers, prefetch: "off" }))],
  ["stub", servers.use(await startVilya({ runtime: "stub", workers }))],
];
const figures = new Map<string, number[]>();
for (const [, { url }] of contenders) await wrk({ url, connections, seconds: 1 });
for (let round = 0; round < rounds; round++) {
  for (const [name, server] of contenders) await measure(name, server);
}

console.log(`µs of processor time a request, ${rounds} rounds of ${seconds} s   min / median / max`);
for (const [name, row] of figures) console.log(`  ${name.padEnd(34)} ${renderSummary(summarize(row), 2)}`);

async function measure(name: string, { processId, url }: Server): Promise<void> {
  const before = [processTimes(processId), sum(childProcessIds(processId))] as const;
  const requestCount = (await wrk({ url, connections, seconds })) * seconds;
  const after = [processTimes(processId), sum(childProcessIds(processId))] as const;
  for (const [index, part] of (["front", "workers"] as const).entries()) {
    for (const time of ["user", "kernel"] as const) {
      const ticks = after[index]![time] - before[index]![time];
      note(`${name}, ${part}, ${time}`, (ticks * TICK_US) / requestCount);
    }
    note(`${name}, ${part}, sleeps`, (after[index]!.sleepCount - before[index]!.sleepCount) / requestCount);
  }
}

function sum(processIds: readonly number[]): ProcessTimes {
  const total = { user: 0, kernel: 0, sleepCount: 0 };
  for (const times of processIds.map(processTimes)) {
    total.user += times.user;
    total.kernel += times.kernel;
    total.sleepCount += times.sleepCount;
  }
  return total;
}

function note(name: string, figure: number): void {
  const row = figures.get(name) ?? [];
  row.push(figure);
  figures.set(name, row);
}
