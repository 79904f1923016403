import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { childProcessId, freePort, type Server, untilServing } from "../lib/server.ts";

const ROOT = resolve(import.meta.dir, "../..");

/** Sizes in bytes of the files that are served, by their names. */
export const FILES: Readonly<Record<string, number>> = {
  "1KiB.bin": 1024,
  "1MiB.bin": 1024 ** 2,
  "16MiB.bin": 16 * 1024 ** 2,
};

/** A folder with the files, and an index by which a server shows that it is up. */
export class Site implements Disposable {
  readonly directory: string = mkdtempSync(join(tmpdir(), "vilya-bench-static-"));
  readonly root: string = join(this.directory, "root");

  constructor() {
    mkdirSync(this.root);
    writeFileSync(join(this.root, "index.html"), "up");
    for (const [name, byteLength] of Object.entries(FILES)) {
      writeFileSync(
        join(this.root, name),
        crypto
          .getRandomValues(Buffer.alloc(65_536))
          .toString("latin1")
          .repeat(Math.ceil(byteLength / 65_536))
          .slice(0, byteLength),
        "latin1",
      );
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** Vilya with a route to the folder, as it is configured by default. */
export function startVilyaStatic({ directory, root }: Site): Promise<Server> {
  const port = freePort();
  const file = join(directory, "vilya.yaml");
  writeFileSync(
    file,
    `server: { host: 127.0.0.1, port: ${port}, max_requests_per_connection: 0 }
routes: [{ static: { root: ${root} } }]
logging: { level: warn }
`,
  );
  const command = [join(ROOT, "bin/vilya"), "serve", "-config", file];
  return start({ command, port, processIdOf: childProcessId });
}

/** nginx with one worker process and sendfile, as Debian configures it. */
export function startNginxStatic({ directory, root }: Site): Promise<Server> {
  const port = freePort();
  const file = join(directory, "nginx.conf");
  const paths = ["client_body", "fastcgi", "proxy", "uwsgi", "scgi"].map(
    (name) => `${name}_temp_path ${directory}/${name};`,
  );
  writeFileSync(
    file,
    `${process.getuid?.() === 0 ? "user root;" : ""}
worker_processes 1;
pid ${directory}/nginx.pid;
error_log ${directory}/nginx.log;
events { worker_connections 4096; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 100000000;
  types { application/octet-stream bin; text/html html; }
  ${paths.join("\n  ")}
  server { listen 127.0.0.1:${port} backlog=4096; root ${root}; }
}
`,
  );
  const command = ["nginx", "-p", directory, "-c", file, "-g", "daemon off;"];
  return start({ command, port, processIdOf: childProcessId });
}

interface Start {
  readonly command: readonly string[];
  readonly port: number;
  readonly processIdOf: (masterPid: number) => number;
}

function start({ command, port, processIdOf }: Start): Promise<Server> {
  const master = Bun.spawn([...command], { stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  return untilServing({
    url: `http://127.0.0.1:${port}/`,
    get processId() {
      return processIdOf(master.pid);
    },
    async [Symbol.asyncDispose]() {
      master.kill("SIGTERM");
      await master.exited;
    },
  });
}
