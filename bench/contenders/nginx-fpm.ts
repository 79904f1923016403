import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { freePort, type Server, untilServing } from "../lib/server.ts";

export interface NginxFpmOptions {
  readonly workers: number;
  /**
   * Keeps connections to php-fpm open: fewer system calls a request, but each holds its child, and clients that find none free wait behind
   * those that do (with more clients than children, for seconds).
   */
  readonly keepsConnections: boolean;
}

/** nginx before php-fpm as Debian ships them: a static pool, opcache on, no access log. */
export async function startNginxFpm({ workers, keepsConnections }: NginxFpmOptions): Promise<Server> {
  const directory = mkdtempSync(join(tmpdir(), "vilya-bench-fpm-"));
  const port = freePort();
  const socket = join(directory, "fpm.sock");
  const root = resolve(import.meta.dir, "../apps/fpm");
  const isRoot = process.getuid?.() === 0;
  writeFileSync(join(directory, "fpm.conf"), fpmConfig({ directory, socket, workers, isRoot }));
  writeFileSync(
    join(directory, "nginx.conf"),
    nginxConfig({ directory, socket, port, root, workers, isRoot, keepsConnections }),
  );
  const quiet = { stdout: "ignore", stderr: "ignore", stdin: "ignore" } as const;
  const fpm = Bun.spawn([findFpm(), "-F", "-y", join(directory, "fpm.conf"), ...(isRoot ? ["-R"] : [])], quiet);
  const nginx = Bun.spawn(["nginx", "-p", directory, "-c", join(directory, "nginx.conf"), "-g", "daemon off;"], quiet);
  const url = `http://127.0.0.1:${port}/`;
  return untilServing({
    url,
    processId: nginx.pid,
    async [Symbol.asyncDispose]() {
      nginx.kill("SIGTERM");
      fpm.kill("SIGTERM");
      await Promise.all([nginx.exited, fpm.exited]);
      rmSync(directory, { recursive: true, force: true });
    },
  });
}

/** True when both programs are installed. */
export function hasNginxFpm(): boolean {
  return Bun.which("nginx", { PATH: SYSTEM_PATH }) !== null && fpmPath() !== null;
}

const SYSTEM_PATH = `${process.env["PATH"]}:/usr/sbin:/usr/local/sbin`;

function fpmPath(): string | null {
  const plain = Bun.which("php-fpm", { PATH: SYSTEM_PATH });
  if (plain !== null) return plain;
  if (!existsSync("/usr/sbin")) return null;
  const versioned = readdirSync("/usr/sbin").find((name) => /^php-fpm\d/.test(name));
  return versioned === undefined ? null : `/usr/sbin/${versioned}`;
}

function findFpm(): string {
  const path = fpmPath();
  if (path === null) throw new Error("Cannot start php-fpm: it is not installed, try: apt-get install php-fpm");
  return path;
}

interface FpmConfig {
  readonly directory: string;
  readonly socket: string;
  readonly workers: number;
  readonly isRoot: boolean;
}

function fpmConfig({ directory, socket, workers, isRoot }: FpmConfig): string {
  return `[global]
pid = ${directory}/fpm.pid
error_log = ${directory}/fpm.log
[www]
${isRoot ? "user = root\ngroup = root" : ""}
listen = ${socket}
listen.backlog = 4096
pm = static
pm.max_children = ${workers}
`;
}

function nginxConfig(options: FpmConfig & NginxFpmOptions & { readonly port: number; readonly root: string }): string {
  const { directory, socket, port, root, workers, isRoot, keepsConnections } = options;
  // A kept connection holds its PHP worker while it is idle: with two nginx processes, one may hold all of them and starve the other.
  const processes = keepsConnections ? "1" : "auto";
  return `${isRoot ? "user root;" : ""}
worker_processes ${processes};
pid ${directory}/nginx.pid;
error_log ${directory}/nginx.log;
events { worker_connections 4096; }
http {
  access_log off;
  client_body_temp_path ${directory}/body;
  fastcgi_temp_path ${directory}/fastcgi;
  proxy_temp_path ${directory}/proxy;
  uwsgi_temp_path ${directory}/uwsgi;
  scgi_temp_path ${directory}/scgi;
  keepalive_requests 100000000;
  upstream fpm { server unix:${socket}; ${keepsConnections ? `keepalive ${workers};` : ""} }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${root};
    location / {
      include /etc/nginx/fastcgi_params;
      fastcgi_param SCRIPT_FILENAME ${root}/index.php;
      fastcgi_keep_conn ${keepsConnections ? "on" : "off"};
      fastcgi_pass fpm;
    }
  }
}
`;
}
