import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { AppConfig } from "../config/config.ts";
import type { Connection } from "../kernel/connection.ts";
import type { ConnectionHandler } from "../kernel/connection-handler.ts";
import { Listener } from "../kernel/listener.ts";
import { unobserved } from "../kernel/monitor.ts";
import type { TimerWheel } from "../kernel/timer-wheel.ts";
import type { Logger } from "../telemetry/logger.ts";
import { DeployedApp } from "./deployed-app.ts";
import { parentDeathWrapper } from "./parent-death.ts";
import { renderPhpIni } from "./php-ini.ts";
import { type ModuleRunner, workerCommand } from "./worker-command.ts";
import { WorkerProcess } from "./worker-process.ts";
import { WorkerStartError } from "./worker-start-error.ts";

/** What `sun_path` holds on Linux, its terminating zero left out. unix(7). */
const SOCKET_PATH_BYTES_MAX = 107;

/** Tells apart what several pools of one process put into the same directory, and what several processes do. */
let launcherCount = 0;

export interface LauncherOptions {
  readonly app: AppConfig;
  /** A private directory (0700). What the launcher puts there it removes again. */
  readonly directory: string;
  readonly wheel: TimerWheel;
  readonly log: Logger;
  /** The engine's version. */
  readonly runtimeVersion: string;
  /** What workers inherit; the app's own variables win over it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly moduleRunner: ModuleRunner;
  /** Words before the command. Default: what ends a worker together with the engine, where the system has it. */
  readonly spawnWrapper?: readonly string[] | undefined;
}

/** What differs from worker to worker. */
export interface LaunchOptions {
  readonly workerId: number;
  /** Requests it gets at most; `Infinity` for no bound. */
  readonly requestCountMax: number;
  /** The worker has connected; at most once. */
  readonly accept: (connection: Connection) => ConnectionHandler;
  readonly onExit: () => void;
  readonly onGone: () => void;
}

/** Requests that a worker is told it may serve beyond those it gets: it is the engine that recycles. */
const REQUEST_COUNT_HEADROOM = 16;

/** "No bound" for a worker: 0 would make one of the first SDK leave after a request. 2^31 − 1. */
const REQUEST_COUNT_UNBOUNDED = 2_147_483_647;

/**
 * Starts worker processes: `<binary> [arguments] <script> --sock PATH --max-requests N`, each with a socket of its own that answers one
 * connection.
 *
 * Invariant: a socket file exists only from the spawn of its worker until that has connected or exited, whichever comes first.
 */
export class Launcher {
  readonly #options: LauncherOptions;
  readonly #name: string;
  readonly #deployed: DeployedApp;
  #environment: Readonly<Record<string, string>> | null = null;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#deployed = new DeployedApp(options.app);
    this.#name = `${process.pid}-${++launcherCount}`;
  }

  /** @throws {WorkerStartError} when no process runs; then nothing of the attempt is left. */
  launch({ workerId, requestCountMax, accept, onExit, onGone }: LaunchOptions): WorkerProcess {
    const { wheel, log, spawnWrapper, moduleRunner } = this.#options;
    const { app } = this.#deployed;
    const environment = this.#sharedEnvironment();
    this.#writeSettings();
    check(app, environment);
    const path = join(this.#options.directory, `${this.#name}-${workerId}.sock`);
    const listener = this.#listen(path, (connection) => {
      listener.stop();
      return accept(connection);
    });
    const requestCount = Math.min(requestCountMax + REQUEST_COUNT_HEADROOM, REQUEST_COUNT_UNBOUNDED);
    try {
      return new WorkerProcess({
        command: [
          ...(spawnWrapper ?? parentDeathWrapper()),
          ...workerCommand(app, moduleRunner, this.#options.directory),
          "--sock",
          path,
          "--max-requests",
          String(requestCount),
        ],
        workingDirectory: app.workingDirectory,
        environment: { ...environment, VILYA_WORKER_ID: String(workerId) },
        stopTimeoutMs: app.pool.stopTimeoutMs,
        scheduling: app.pool.scheduling,
        wheel,
        log,
        workerId,
        onExit: () => {
          listener.stop();
          onExit();
        },
        onGone,
      });
    } catch (error) {
      listener.stop();
      const message = `Cannot start worker ${workerId} in ${app.workingDirectory}: the system refuses it (${messageOf(error)}), a free process and the right to enter the directory are needed`;
      throw new WorkerStartError("VILYA_WORKER_SPAWN_FAILED", message, { cause: error });
    }
  }

  /** Removes what the launcher made for its workers. No worker is left. */
  close(): void {
    rmSync(this.#iniDirectory, { recursive: true, force: true });
  }

  get #iniDirectory(): string {
    return join(this.#options.directory, `${this.#name}-ini`);
  }

  /** The environment that all workers share. */
  #sharedEnvironment(): Readonly<Record<string, string>> {
    if (this.#environment !== null) return this.#environment;
    const { app, environment, runtimeVersion } = this.#options;
    const shared: Record<string, string> = {};
    for (const [name, value] of Object.entries({ ...environment, ...app.environment })) {
      if (value !== undefined) shared[name] = value;
    }
    shared["VILYA_VERSION"] = runtimeVersion;
    shared["VILYA_WORKER_LEVEL"] = "2";
    // An empty entry before the colon stands for the directory PHP was built with, whose extensions are still needed.
    shared["PHP_INI_SCAN_DIR"] = `${shared["PHP_INI_SCAN_DIR"] ?? ""}:${this.#iniDirectory}`;
    this.#environment = shared;
    return shared;
  }

  /** Written once, and again if somebody has cleared the directory. */
  #writeSettings(): void {
    const path = join(this.#iniDirectory, "vilya.ini");
    if (existsSync(path)) return;
    try {
      mkdirSync(this.#iniDirectory, { recursive: true, mode: 0o700 });
      writeFileSync(path, renderPhpIni(this.#options.app.ini), { mode: 0o600 });
    } catch (error) {
      throw directoryError(path, error);
    }
  }

  #listen(path: string, accept: (connection: Connection) => ConnectionHandler): Listener {
    const pathBytes = Buffer.byteLength(path);
    if (pathBytes > SOCKET_PATH_BYTES_MAX) {
      const message = `Cannot listen on ${path}: the path has ${pathBytes} bytes, at most ${SOCKET_PATH_BYTES_MAX} are allowed`;
      throw new WorkerStartError("VILYA_WORKER_DIRECTORY_UNUSABLE", message);
    }
    try {
      // A worker that reads nothing is bounded by the request timeout.
      const options = { wheel: this.#options.wheel, monitor: unobserved, stallMs: 0 };
      return new Listener({ ...options, address: { path }, connectionCountMax: 1, accept });
    } catch (error) {
      throw directoryError(path, error);
    }
  }
}

/** Looked at before the spawn: a wrapper would start well and fail later, and the system's message names the wrong path. */
function check({ binary, workingDirectory }: AppConfig, environment: Readonly<Record<string, string>>): void {
  if (statSync(workingDirectory, { throwIfNoEntry: false })?.isDirectory() !== true) {
    const message = `Cannot start a worker in ${workingDirectory}: there is no such directory, an existing one is needed`;
    throw new WorkerStartError("VILYA_WORKER_DIRECTORY_UNUSABLE", message);
  }
  if (binary === null || Bun.which(binary, { PATH: environment["PATH"] ?? "", cwd: workingDirectory }) !== null) return;
  const message = `Cannot start a worker: there is no program ${binary}, a name found in PATH or the path of an executable file is needed`;
  throw new WorkerStartError("VILYA_WORKER_BINARY_MISSING", message);
}

function directoryError(path: string, error: unknown): WorkerStartError {
  const message = `Cannot prepare ${path} for a worker: ${messageOf(error)}, a private and writable directory is needed`;
  return new WorkerStartError("VILYA_WORKER_DIRECTORY_UNUSABLE", message, { cause: error });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
