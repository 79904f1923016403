/**
 * A million requests and more: the front's resident memory and open descriptors after the first 100,000, in the first and in the second half
 * of the run. Memory rises and falls with the garbage collector, so halves are compared by their floors (goal: the second is less than 5 %
 * above the first; descriptors do not grow).
 *
 *     npm run bench -- soak [--requests 2000000] [--connections 64] [--workers 4]
 */
import { readdirSync } from "node:fs";

import { startVilya } from "./contenders/vilya.ts";
import { readFlags } from "./lib/flags.ts";
import { residentBytes } from "./lib/host.ts";
import { wrk } from "./lib/wrk.ts";

/** Requests between two samples come from runs this long. */
const SECONDS_PER_STEP = 2;

/** Before this the runtime still compiles and sizes its heap. */
const WARM_UP_REQUESTS = 100_000;

const { requests, connections, workers } = readFlags({ requests: 2_000_000, connections: 64, workers: 4 });

await using server = await startVilya({ runtime: "php", workers });
const samples: Sample[] = [];
let servedCount = 0;
console.log("requests  resident MiB  descriptors");
while (servedCount < requests) {
  servedCount += Math.round(
    (await wrk({ url: server.url, connections, seconds: SECONDS_PER_STEP })) * SECONDS_PER_STEP,
  );
  await Bun.sleep(200); // wrk's connections are closing: their descriptors are not the front's.
  const now = sample();
  if (servedCount >= WARM_UP_REQUESTS) samples.push(now);
  const mebibytes = (now.bytes / 2 ** 20).toFixed(1);
  console.log(`${String(servedCount).padStart(8)}  ${mebibytes.padStart(12)}  ${String(now.descriptors).padStart(11)}`);
}
const half = samples.length >> 1;
const [first, second] = [samples.slice(0, half), samples.slice(half)].map(range) as [Range, Range];
console.log(`\nfirst half:  ${renderRange(first)}\nsecond half: ${renderRange(second)}`);
console.log(`growth of the floor: ${((second.floor / first.floor - 1) * 100).toFixed(1)} % (goal: less than 5 %)`);

interface Sample {
  readonly bytes: number;
  readonly descriptors: number;
}

interface Range {
  readonly floor: number;
  readonly ceiling: number;
  readonly descriptors: number;
}

function range(half: readonly Sample[]): Range {
  const bytes = half.map((each) => each.bytes);
  const descriptors = Math.max(...half.map((each) => each.descriptors));
  return { floor: Math.min(...bytes), ceiling: Math.max(...bytes), descriptors };
}

function renderRange({ floor, ceiling, descriptors }: Range): string {
  return `${(floor / 2 ** 20).toFixed(1)} to ${(ceiling / 2 ** 20).toFixed(1)} MiB, at most ${descriptors} descriptors`;
}

function sample(): Sample {
  const descriptors = readdirSync(`/proc/${server.processId}/fd`).length;
  return { bytes: residentBytes(server.processId), descriptors };
}
