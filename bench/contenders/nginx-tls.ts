import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { writeCertificate } from "../lib/certificate.ts";
import { freePort, untilServing } from "../lib/server.ts";
import type { SecureServer } from "./vilya-tls.ts";

const SYSTEM_PATH = `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin`;

/** True when it is installed. */
export function hasNginx(): boolean {
  return Bun.which("nginx", { PATH: SYSTEM_PATH }) !== null;
}

/** nginx that answers by itself, one worker process, in the clear and over TLS: what the fastest front there is makes of the same bytes. */
export async function startNginxTls(): Promise<SecureServer> {
  const directory = mkdtempSync(join(tmpdir(), "vilya-bench-nginx-"));
  const [clearPort, securePort] = [freePort(), freePort()];
  const { certificate, key } = writeCertificate(directory);
  const paths = ["client_body", "fastcgi", "proxy", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  writeFileSync(
    join(directory, "nginx.conf"),
    `${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/nginx.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 100000000;
  ${paths.join("\n  ")}
  ssl_certificate ${certificate};
  ssl_certificate_key ${key};
  ssl_protocols TLSv1.2 TLSv1.3;
  server {
    listen 127.0.0.1:${clearPort} backlog=4096;
    listen 127.0.0.1:${securePort} ssl backlog=4096;
    location / { default_type application/json; return 200 '{"message":"Hello from the stub","runtime":"stub"}'; }
  }
}
`,
  );
  const command = ["nginx", "-p", directory, "-c", join(directory, "nginx.conf"), "-g", "daemon off;"];
  const nginx = Bun.spawn(command, { stdout: "ignore", stderr: "ignore", stdin: "ignore" });
  const server: SecureServer = {
    url: `http://127.0.0.1:${clearPort}/`,
    secureUrl: `https://127.0.0.1:${securePort}/`,
    processId: nginx.pid,
    async [Symbol.asyncDispose]() {
      nginx.kill("SIGTERM");
      await nginx.exited;
      rmSync(directory, { recursive: true, force: true });
    },
  };
  await untilServing(server);
  return server;
}
