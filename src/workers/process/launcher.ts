import { statSync } from "node:fs";
import { join } from "node:path";
import type { AppConfig } from "../../config/app-config.ts";
import type { Connection } from "../../kernel/connection.ts";
import type { ConnectionHandler } from "../../kernel/connection-handler.ts";
import type { Listener } from "../../kernel/listener.ts";
import type { TimerWheel } from "../../kernel/timer-wheel.ts";
import type { ForkOrder } from "../../protocols/worker/fork-encoder.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { ChildOwner, ChildProcess } from "./child-process.ts";
import { DeployedApp } from "../scaling/deployed-app.ts";
import { OutputListener } from "./output-listener.ts";
import { Prototype } from "./prototype.ts";
import { SpawnedChild } from "./spawned-child.ts";
import { WorkerAccess } from "./worker-access.ts";
import { type ModuleRunner, workerCommand } from "./worker-command.ts";
import { checkSocketPath, listenOnce } from "../worker-listener.ts";
import { WorkerProcess } from "./worker-process.ts";
import { WorkerSettings } from "./worker-settings.ts";
import { directoryError, spawnError, WorkerStartError } from "./worker-start-error.ts";

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
  /** Called with the process id of every prototype that starts, and again when it is gone. */
  readonly onPrototypeSpawned?: ((processId: number) => void) | undefined;
  readonly onPrototypeExited?: ((processId: number) => void) | undefined;
}

/** What differs from worker to worker. */
export interface LaunchOptions {
  readonly workerId: number;
  /** Requests it gets at most; `Infinity` for no bound. */
  readonly requestCountMax: number;
  /** The worker has connected; at most once. */
  readonly accept: (connection: Connection) => ConnectionHandler;
  /** Its process id is known; at most once, possibly during the launch. */
  readonly onPid: (pid: number) => void;
  readonly onExit: () => void;
  readonly onGone: () => void;
}

/** Requests that a worker is told it may serve beyond those it gets: it is the engine that recycles. */
const REQUEST_COUNT_HEADROOM = 16;

/** "No bound" for a worker: 0 would make one of the first SDK leave after a request. 2^31 − 1. */
const REQUEST_COUNT_UNBOUNDED = 2_147_483_647;

/**
 * Starts worker processes, each with a socket of its own that answers one connection: with `start: exec` as
 * `<binary> [arguments] <script> --sock PATH --max-requests N`, with `start: fork` from a {@link Prototype}, which is started as
 * `<binary> [arguments] <script> --prototype PATH` when the first of them is.
 *
 * Invariant: a socket file exists only from the spawn of its process until that has connected or exited, whichever comes first.
 */
export class Launcher {
  readonly #options: LauncherOptions;
  readonly #name: string;
  readonly #deployed: DeployedApp;
  readonly #access: WorkerAccess;
  readonly #settings: WorkerSettings;
  #prototypeCount = 0;
  /** The one that forks; `null` until a worker is to be forked, and after its end. */
  #prototype: Prototype | null = null;
  /** All whose process is not gone, that one among them. */
  readonly #prototypes = new Set<Prototype>();
  #onClosed: (() => void) | null = null;

  constructor(options: LauncherOptions) {
    this.#options = options;
    this.#deployed = new DeployedApp(options.app);
    this.#name = `${process.pid}-${++launcherCount}`;
    this.#access = new WorkerAccess(options.app.pool.identity);
    this.#settings = new WorkerSettings({ ...options, access: this.#access, directory: this.#pathOf("ini") });
  }

  /** @throws {WorkerStartError} when no process runs; then nothing of the attempt is left. */
  launch({ workerId, requestCountMax, accept, onPid, onExit, onGone }: LaunchOptions): WorkerProcess {
    const { wheel, log } = this.#options;
    const { app } = this.#deployed;
    this.#settings.write();
    check(app, this.#settings.environment);
    const path = this.#pathOf(`${workerId}.sock`);
    const listener = this.#listen(path, accept);
    const order = {
      workerId,
      socketPath: path,
      requestCountMax: Math.min(requestCountMax + REQUEST_COUNT_HEADROOM, REQUEST_COUNT_UNBOUNDED),
      outputPath: this.#pathOf(`${workerId}.out`),
    };
    try {
      return new WorkerProcess({
        start: (owner) => (app.pool.start === "fork" ? this.#fork(order, owner) : this.#execute(order, owner)),
        stopTimeoutMs: app.pool.stopTimeoutMs,
        wheel,
        log,
        name: { workerId },
        onPid,
        onExit: () => {
          listener.stop();
          onExit();
        },
        onGone,
      });
    } catch (error) {
      listener.stop();
      throw error;
    }
  }

  /** Removes what the launcher made for its workers, none of which is left; `onClosed` says when nothing of it is there any more. */
  close(onClosed: () => void): void {
    this.#onClosed = onClosed;
    this.#prototype?.stop();
    this.#closeIfEmpty();
  }

  #execute({ workerId, socketPath, requestCountMax }: ForkOrder, owner: ChildOwner): ChildProcess {
    const words = ["--sock", socketPath, "--max-requests", String(requestCountMax)];
    return this.#spawn(words, { VILYA_WORKER_ID: String(workerId) }, owner);
  }

  #fork(order: ForkOrder, owner: ChildOwner): ChildProcess {
    const prototype = (this.#prototype ??= this.#openPrototype());
    return prototype.fork(order, this.#listenForOutput(order.outputPath), owner);
  }

  #listen(path: string, accept: (connection: Connection) => ConnectionHandler): Listener {
    const listener = listenOnce(path, this.#options.wheel, accept);
    this.#give(path, () => listener.stop());
    return listener;
  }

  #listenForOutput(path: string): OutputListener {
    const listener = listenForOutput(path, this.#options.wheel);
    this.#give(path, () => listener.close());
    return listener;
  }

  #give(path: string, undo: () => void): void {
    try {
      this.#access.give(path);
    } catch (error) {
      undo();
      throw directoryError(path, error);
    }
  }

  #openPrototype(): Prototype {
    const { wheel, log, onPrototypeSpawned, onPrototypeExited } = this.#options;
    const { startTimeoutMs, stopTimeoutMs } = this.#options.app.pool;
    const path = this.#pathOf(`p${++this.#prototypeCount}.sock`);
    const listener: Listener = this.#listen(path, (connection) => prototype.accept(connection));
    const prototype: Prototype = new Prototype({
      start: (owner) => {
        try {
          return this.#spawn(["--prototype", path], {}, owner);
        } catch (error) {
          listener.stop();
          throw error;
        }
      },
      startTimeoutMs,
      stopTimeoutMs,
      wheel,
      log,
      onPid: (pid) => onPrototypeSpawned?.(pid),
      onEnd: () => {
        listener.stop();
        if (this.#prototype === prototype) this.#prototype = null;
      },
      onExited: (pid) => onPrototypeExited?.(pid),
      onGone: () => {
        this.#prototypes.delete(prototype);
        this.#closeIfEmpty();
      },
    });
    this.#prototypes.add(prototype);
    return prototype;
  }

  /** @param words what follows the command of the app. */
  #spawn(words: readonly string[], environment: Readonly<Record<string, string>>, owner: ChildOwner): ChildProcess {
    const { spawnWrapper, moduleRunner, directory } = this.#options;
    const { app } = this.#deployed;
    const command = [
      ...(spawnWrapper ?? this.#access.wrapper()),
      ...workerCommand(app, moduleRunner, directory),
      ...words,
    ];
    try {
      return new SpawnedChild(
        {
          command,
          workingDirectory: app.workingDirectory,
          environment: { ...this.#settings.environment, ...environment },
          scheduling: app.pool.scheduling,
          limits: app.pool.limits,
        },
        owner,
      );
    } catch (error) {
      throw spawnError(app.workingDirectory, error);
    }
  }

  #closeIfEmpty(): void {
    if (this.#onClosed === null || this.#prototypes.size > 0) return;
    this.#settings.remove();
    this.#onClosed();
    this.#onClosed = null;
  }

  #pathOf(name: string): string {
    return join(this.#options.directory, `${this.#name}-${name}`);
  }
}

/** @throws {WorkerStartError} when no socket can be made at `path`. */
function listenForOutput(path: string, wheel: TimerWheel): OutputListener {
  checkSocketPath(path);
  try {
    return new OutputListener(path, wheel);
  } catch (error) {
    throw directoryError(path, error);
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
