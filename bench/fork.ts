/**
 * What forking workers saves against booting each one, for an app in PHP and one in Python that boot for 100 ms and hold 30 MB: the time until a
 * worker is ready, requests/s when each one gets a fresh process, and memory of 8 workers (PSS: shared pages are divided among those who share
 * them).
 *
 *     npm run bench -- fork [--workers 8] [--rounds 5] [--requests 60] [--only php,python]
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { findTestPython } from "../test/support/python.ts";
import { readFlags } from "./lib/flags.ts";
import { childProcessIds, freePort, type Server, untilServing } from "./lib/server.ts";
import { renderSummary, summarize } from "./lib/summary.ts";

const ROOT = join(import.meta.dir, "..");
const STARTS = ["exec", "fork"] as const;

/** The configuration of each app, by its runtime. */
const APPS: Readonly<Record<string, () => string>> = {
  php: () => `runtime: php\nphp: { worker_script: ${join(ROOT, "bench/apps/boot/worker.php")} }`,
  python: () => `runtime: python\nbinary: ${findTestPython()}\ncwd: ${join(ROOT, "bench/apps/boot")}\nentry: app:app`,
};

const {
  workers,
  rounds,
  requests: requestCount,
  only,
} = readFlags({
  workers: 8,
  rounds: 5,
  requests: 60,
  only: Object.keys(APPS).join(","),
});
const directory = mkdtempSync(join(tmpdir(), "vilya-bench-"));

interface Measured {
  readonly bootMs: number[];
  readonly requestsPerSecond: number[];
  readonly memoryMib: number[];
}

try {
  for (const runtime of only.split(",")) await compare(runtime);
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function compare(runtime: string): Promise<void> {
  const app = APPS[runtime]?.();
  if (app === undefined)
    throw new Error(`Cannot measure ${runtime}: there is no such app, ${Object.keys(APPS).join(", ")} are allowed`);
  const measured: Readonly<Record<(typeof STARTS)[number], Measured>> = {
    exec: { bootMs: [], requestsPerSecond: [], memoryMib: [] },
    fork: { bootMs: [], requestsPerSecond: [], memoryMib: [] },
  };
  for (let round = 0; round < rounds; round++) {
    for (const start of STARTS) await measure(app, start, measured[start]);
  }
  console.log(`${runtime}, ${workers} workers of an app that boots for 100 ms and holds 30 MB      min / median / max`);
  for (const [name, key, digits] of [
    ["ms until a worker is ready", "bootMs", 1],
    ["requests/s, max_requests 1", "requestsPerSecond", 0],
    ["MiB of all workers (PSS)", "memoryMib", 0],
  ] as const) {
    for (const start of STARTS) {
      console.log(`  ${name.padEnd(28)} ${start}   ${renderSummary(summarize(measured[start][key]), digits)}`);
    }
  }
}

async function measure(app: string, start: string, measured: Measured): Promise<void> {
  const adminPort = freePort();
  const { bootMs, requestsPerSecond, memoryMib } = measured;
  {
    await using server = await serve(app, start, { adminPort, requestCountMax: 1 });
    const before = await readBoots(adminPort);
    const startedMs = performance.now();
    for (let count = 0; count < requestCount; count++) await (await fetch(server.url)).text();
    requestsPerSecond.push((requestCount / (performance.now() - startedMs)) * 1_000);
    const after = await readBoots(adminPort);
    bootMs.push(((after.sumS - before.sumS) / (after.count - before.count)) * 1_000);
  }
  await using server = await serve(app, start, { adminPort, requestCountMax: 0 });
  for (let count = 0; count < requestCount; count++) await (await fetch(server.url)).text();
  const pss = descendants(server.processId).map(pssBytes);
  memoryMib.push(pss.reduce((sum, bytes) => sum + bytes, 0) / 1024 / 1024);
}

async function serve(
  app: string,
  start: string,
  { adminPort, requestCountMax }: { readonly adminPort: number; readonly requestCountMax: number },
): Promise<Server> {
  const port = freePort();
  const file = join(directory, "vilya.yaml");
  writeFileSync(
    file,
    `${app}
server: { host: 127.0.0.1, port: ${port} }
admin: { port: ${adminPort} }
workers: { count: ${workers}, start: ${start}, max_requests: ${requestCountMax}, prefetch: "off" }
logging: { level: error }
`,
  );
  const master = Bun.spawn([join(ROOT, "bin/vilya"), "serve", "-config", file], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return untilServing({
    url: `http://127.0.0.1:${port}/`,
    processId: master.pid,
    async [Symbol.asyncDispose]() {
      master.kill("SIGTERM");
      await master.exited;
    },
  });
}

async function readBoots(adminPort: number): Promise<{ readonly sumS: number; readonly count: number }> {
  const text = await (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text();
  const read = (name: string): number => Number(new RegExp(`^${name}\\{[^}]*\\} (\\S+)$`, "m").exec(text)?.[1]);
  return { sumS: read("vilya_pool_worker_boot_seconds_sum"), count: read("vilya_pool_worker_boot_seconds_count") };
}

/** The processes of PHP or Python below a master: they run under its front. */
function descendants(processId: number): number[] {
  const children = childProcessIds(processId);
  const below = children.flatMap(descendants);
  return [...children.filter((child) => /^(?:php|python)/.test(readFileSync(`/proc/${child}/comm`, "utf8"))), ...below];
}

/** The process's share of what it has in memory. proc_pid_smaps(5). */
function pssBytes(processId: number): number {
  return (
    Number(/^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${processId}/smaps_rollup`, "utf8"))?.[1] ?? Number.NaN) * 1024
  );
}
