/**
 * How long a scrape takes: `GET /metrics` on the admin listener of an instance with many workers, beside a load that fills its histograms.
 *
 *     npm run bench -- scrape [--workers 50] [--scrapes 50]
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { readFlags } from "./lib/flags.ts";
import { freePort } from "./lib/server.ts";
import { renderSummary, summarize } from "./lib/summary.ts";

const ROOT = join(import.meta.dir, "..");
const GOAL_MS = 20;

const { workers, scrapes } = readFlags({ workers: 50, scrapes: 50 });

const directory = mkdtempSync(join(tmpdir(), "vilya-bench-"));
const [port, adminPort] = [freePort(), freePort()];
const file = join(directory, "vilya.yaml");
writeFileSync(
  file,
  `runtime: php
server: { host: 127.0.0.1, port: ${port} }
admin: { port: ${adminPort} }
workers: { count: ${workers} }
php: { worker_script: ${join(ROOT, "bench/apps/warm/worker.php")} }
logging: { level: warn }
`,
);
const master = Bun.spawn([join(ROOT, "bin/vilya"), "serve", "-config", file], {
  stdio: ["ignore", "ignore", "inherit"],
});
try {
  const admin = `http://127.0.0.1:${adminPort}`;
  while (!(await isReady(`${admin}/ready`))) await Bun.sleep(100);
  for (let count = 0; count < 500; count++) await (await fetch(`http://127.0.0.1:${port}/`)).text();
  const times: number[] = [];
  let byteCount = 0;
  for (let count = 0; count < scrapes; count++) {
    const startedMs = performance.now();
    byteCount = (await (await fetch(`${admin}/metrics`)).text()).length;
    times.push(performance.now() - startedMs);
  }
  console.log(`${workers} workers, ${byteCount} bytes a scrape          min / median / max`);
  console.log(`  ms a scrape   ${renderSummary(summarize(times), 1)}   (goal ${GOAL_MS})`);
} finally {
  master.kill("SIGTERM");
  await master.exited;
  rmSync(directory, { recursive: true, force: true });
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(url)).ok;
  } catch {
    return false;
  }
}
