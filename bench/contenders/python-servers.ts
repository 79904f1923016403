import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";

import { findTestPython } from "../../test/support/python.ts";
import { childProcessId, childProcessIds, freePort, type Server, untilServing } from "../lib/server.ts";

const ROOT = resolve(import.meta.dir, "../..");
const APPS = join(ROOT, "bench/python");

/** An application of `bench/python/servers.py`, in one Python process. `processId` is that process's. */
export type StartPythonServer = (app: "raw" | "fast", options: ServerOptions) => Promise<Server>;

interface ServerOptions {
  /** Servers that are faster without are told so where there are none. */
  readonly isWebSocket: boolean;
}

/** uvicorn at its best: uvloop, httptools, no log; WebSockets by `websockets` without its own sockets. */
export const startUvicorn: StartPythonServer = (app) =>
  start((port) => {
    const protocols = ["--loop", "uvloop", "--http", "httptools", "--ws", "websockets-sansio"];
    const options = [...protocols, "--no-access-log", "--log-level", "error"];
    return ["-m", "uvicorn", `servers:${app}`, "--port", String(port), ...options];
  });

/** Granian at its best: uvloop, one thread for its own work, one for Python's. */
export const startGranian: StartPythonServer = (app, { isWebSocket }) =>
  start(
    (port) => {
      const options = [
        "--interface",
        "asginl",
        "--loop",
        "uvloop",
        "--workers",
        "1",
        isWebSocket ? "--ws" : "--no-ws",
        "--log-level",
        "error",
      ];
      return ["-m", "granian", `servers:${app}`, "--port", String(port), ...options];
    },
    (pid) => childProcessIds(pid).at(-1) ?? pid,
  );

/** Vilya of this checkout, with one worker. */
export const startVilyaPython: StartPythonServer = (app) => {
  const directory = mkdtempSync(join(tmpdir(), "vilya-bench-"));
  const port = freePort();
  const file = join(directory, "vilya.yaml");
  const config = {
    runtime: "python",
    entry: `servers:${app}`,
    binary: findTestPython(),
    cwd: APPS,
    server: { host: "127.0.0.1", port, max_requests_per_connection: 0 },
    workers: { count: 1 },
    admin: { enabled: false },
    logging: { level: "warn" },
  };
  writeFileSync(file, JSON.stringify(config));
  const command = [join(ROOT, "bin/vilya"), "serve", "-config", file];
  const processIdOf = (master: number): number => childProcessId(childProcessId(master));
  return untilServing(serverOf(command, { port, processIdOf, directory }));
};

function start(
  argumentsFor: (port: number) => readonly string[],
  processIdOf: (pid: number) => number = (pid) => pid,
): Promise<Server> {
  const port = freePort();
  return untilServing(serverOf([findTestPython(), ...argumentsFor(port)], { port, processIdOf, directory: null }));
}

interface ServerParts {
  readonly port: number;
  readonly processIdOf: (pid: number) => number;
  /** Goes with the server. */
  readonly directory: string | null;
}

function serverOf(command: readonly string[], { port, processIdOf, directory }: ServerParts): Server {
  const child = Bun.spawn([...command], { cwd: APPS, stdin: "ignore", stdout: "ignore", stderr: "inherit" });
  return {
    url: `http://127.0.0.1:${port}/`,
    get processId() {
      return processIdOf(child.pid);
    },
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await child.exited;
      if (directory !== null) rmSync(directory, { recursive: true, force: true });
    },
  };
}
