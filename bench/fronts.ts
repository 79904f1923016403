/**
 * What two fronts buy on this machine: requests a second and processor time of the fronts a request, with one front and with two, without
 * workers, through PHP workers, and over TLS without workers.
 *
 *     npm run bench -- fronts [--rounds 5] [--seconds 3] [--connections 64] [--workers 4]
 */
import { startVilya } from "./contenders/vilya.ts";
import { startVilyaTls } from "./contenders/vilya-tls.ts";
import { printFigures, printRatios, printRows } from "./lib/comparison.ts";
import { readFlags } from "./lib/flags.ts";
import { processorTimeUs } from "./lib/processor-time.ts";
import { type Contestant, runRounds } from "./lib/rounds.ts";
import type { Server } from "./lib/server.ts";
import { wrk } from "./lib/wrk.ts";

const { rounds, seconds, connections, workers } = readFlags({ rounds: 5, seconds: 3, connections: 64, workers: 4 });

interface Side extends Server {
  readonly frontIds: readonly number[];
}

const sides: Record<string, (fronts: number) => Promise<{ readonly server: Side; readonly url: string }>> = {
  stub: async (fronts) => {
    const server = await startVilya({ runtime: "stub", workers, fronts });
    return { server, url: server.url };
  },
  php: async (fronts) => {
    const server = await startVilya({ runtime: "php", workers, fronts });
    return { server, url: server.url };
  },
  "stub TLS": async (fronts) => {
    const server = await startVilyaTls({ runtime: "stub", workers, fronts });
    return { server, url: server.secureUrl };
  },
};

/** Processor time of all fronts together for a request, in microseconds, and how unevenly they shared it. */
const costsUs = new Map<string, number[]>();
const shares = new Map<string, number[]>();

function timesOf({ frontIds }: Side): readonly number[] {
  return frontIds.map(processorTimeUs);
}

function note(rows: Map<string, number[]>, name: string, figure: number): void {
  rows.set(name, [...(rows.get(name) ?? []), figure]);
}

await using servers = new AsyncDisposableStack();
const contestants: Contestant[] = [];
for (const [kind, start] of Object.entries(sides)) {
  for (const fronts of [1, 2]) {
    const { server, url } = await start(fronts);
    servers.use(server);
    await wrk({ url, connections, seconds: 1 });
    const name = `${kind}, ${fronts}`;
    const measure = async (): Promise<number> => {
      const before = timesOf(server);
      const requestsPerS = await wrk({ url, connections, seconds });
      const spent = timesOf(server).map((time, index) => time - before[index]!);
      const total = spent.reduce((sum, time) => sum + time, 0);
      note(costsUs, name, total / (requestsPerS * seconds));
      note(shares, name, Math.max(...spent) / total);
      return requestsPerS;
    };
    contestants.push({ name, measure });
  }
}

console.log(
  `requests/s, wrk -t1 -c${connections} -d${seconds}s on the same processors, ${workers} PHP workers in all, in turn:`,
);
const result = await runRounds(contestants, rounds);
printFigures(result, "requests/s");
printRows(costsUs, "front µs/request", 1);
printRows(shares, "share of the busier front", 2);
printRatios(
  result,
  Object.keys(sides).map((kind) => ({ of: `${kind}, 2`, by: `${kind}, 1`, note: "two fronts by one" })),
);
