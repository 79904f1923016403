/**
 * A million requests: the front's resident memory and open descriptors at the first 100,000 and at the end (goal: memory grows by less
 * than 5 %, descriptors not at all).
 *
 *     npm run bench -- soak [--requests 1000000] [--connections 64] [--workers 4]
 */
import { readdirSync } from "node:fs";
import { parseArgs } from "node:util";

import { startVilya } from "./contenders/vilya.ts";
import { residentBytes } from "./lib/host.ts";
import { wrk } from "./lib/wrk.ts";

/** Requests between two samples come from runs this long. */
const SECONDS_PER_STEP = 2;

const { values } = parseArgs({
  options: {
    requests: { type: "string", default: "1000000" },
    connections: { type: "string", default: "64" },
    workers: { type: "string", default: "4" },
  },
});
const requests = Number(values.requests);
const connections = Number(values.connections);

await using server = await startVilya({ runtime: "php", workers: Number(values.workers) });
let servedCount = 0;
let first: { bytes: number; descriptors: number } | null = null;
let last = sample();
console.log("requests  resident MiB  descriptors");
while (servedCount < requests) {
  servedCount += Math.round(
    (await wrk({ url: server.url, connections, seconds: SECONDS_PER_STEP })) * SECONDS_PER_STEP,
  );
  await Bun.sleep(200); // wrk's connections are closing: their descriptors are not the front's.
  last = sample();
  if (first === null && servedCount >= 100_000) first = last;
  console.log(
    `${String(servedCount).padStart(8)}  ${(last.bytes / 2 ** 20).toFixed(1).padStart(12)}  ${String(last.descriptors).padStart(11)}`,
  );
}
if (first !== null) {
  const growth = (last.bytes / first.bytes - 1) * 100;
  console.log(`\nresident memory since the first 100,000 requests: ${growth.toFixed(1)} % (goal: less than 5 %)`);
  console.log(`descriptors: ${first.descriptors} → ${last.descriptors}`);
}

function sample(): { bytes: number; descriptors: number } {
  const descriptors = readdirSync(`/proc/${server.processId}/fd`).length;
  return { bytes: residentBytes(server.processId), descriptors };
}
