import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { childProcessId, childProcessIds, freePort, type Server, untilServing } from "../lib/server.ts";

export interface VilyaOptions {
  readonly runtime: "php" | "bun" | "stub";
  readonly workers: number;
  /** Default: 1. */
  readonly fronts?: number;
  readonly prefetch?: "off" | "auto" | number;
  /** From the top of the repository. Default: the warm app. */
  readonly script?: string;
  /** The access log's format; its file is thrown away with the server. Default: no access log. */
  readonly accessFormat?: string;
  /** Traces 1 % of requests to this OTLP endpoint. Default: none. */
  readonly tracingEndpoint?: string;
  /** Of the admin listener, where one is wanted. */
  readonly adminPort?: number;
}

const ROOT = resolve(import.meta.dir, "../..");

const WARM_APP = "bench/apps/warm/worker.php";

/** An instance with the processes that carry its connections. */
export interface VilyaServer extends Server {
  readonly frontIds: readonly number[];
}

/** Vilya from this checkout, in front of an app; recycling is off so that rounds are alike. */
export async function startVilya({
  runtime,
  workers,
  fronts = 1,
  prefetch = "auto",
  script = WARM_APP,
  accessFormat,
  tracingEndpoint,
  adminPort,
}: VilyaOptions): Promise<VilyaServer> {
  const directory = mkdtempSync(join(tmpdir(), "vilya-bench-"));
  const port = freePort();
  const file = join(directory, "vilya.yaml");
  const accessLog =
    accessFormat === undefined ? {} : { access_log: join(directory, "access.log"), access_format: accessFormat };
  writeFileSync(
    file,
    `runtime: ${runtime}
fronts: ${fronts}
server: { host: 127.0.0.1, port: ${port}, max_requests_per_connection: 0 }
workers: { count: ${workers}, max_requests: 0, prefetch: ${prefetch} }
${runtime === "bun" ? `entry: ${join(ROOT, script)}` : `php: { worker_script: ${join(ROOT, script)} }`}
logging: ${JSON.stringify({ level: "warn", ...accessLog })}
${tracingEndpoint === undefined ? "" : `tracing: { endpoint: "${tracingEndpoint}", sample: 1 }`}
${adminPort === undefined ? "" : `admin: { port: ${adminPort} }`}
`,
  );
  const master = Bun.spawn([join(ROOT, "bin/vilya"), "serve", "-config", file], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  const url = `http://127.0.0.1:${port}/`;
  const server: VilyaServer = {
    url,
    /** The first front. */
    get processId() {
      return childProcessId(master.pid);
    },
    get frontIds() {
      return childProcessIds(master.pid);
    },
    async [Symbol.asyncDispose]() {
      master.kill("SIGTERM");
      await master.exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await untilServing(server);
  return server;
}
