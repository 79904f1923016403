import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { childProcessId, childProcessIds, freePort, type Server, untilServing } from "../lib/server.ts";
import { writeCertificate } from "../lib/certificate.ts";
import type { VilyaServer } from "./vilya.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** One instance that serves the same in the clear and over TLS. */
export interface SecureServer extends Server {
  readonly secureUrl: string;
}

/** Vilya from this checkout with two listeners before one app; recycling is off so that rounds are alike. */
export async function startVilyaTls({
  runtime,
  workers,
  fronts = 1,
}: {
  readonly runtime: "php" | "stub";
  readonly workers: number;
  readonly fronts?: number;
}): Promise<SecureServer & VilyaServer> {
  const directory = mkdtempSync(join(tmpdir(), "vilya-bench-tls-"));
  const [clearPort, securePort] = [freePort(), freePort()];
  const { certificate, key } = writeCertificate(directory);
  const file = join(directory, "vilya.yaml");
  writeFileSync(
    file,
    `runtime: ${runtime}
fronts: ${fronts}
server:
  listeners:
    - { host: 127.0.0.1, port: ${clearPort} }
    - { host: 127.0.0.1, port: ${securePort}, tls: { certificates: [{ cert: ${certificate}, key: ${key} }] } }
workers: { count: ${workers}, max_requests: 0 }
php: { worker_script: ${join(ROOT, "bench/apps/warm/worker.php")} }
logging: { level: warn }
`,
  );
  const master = Bun.spawn([join(ROOT, "bin/vilya"), "serve", "-config", file], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  const server: SecureServer & VilyaServer = {
    url: `http://127.0.0.1:${clearPort}/`,
    secureUrl: `https://127.0.0.1:${securePort}/`,
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
