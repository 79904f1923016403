import { tmpdir } from "node:os";

import { VilyaError } from "../base/errors.ts";
import type { FrontReport } from "../admin/front-report.ts";
import type { AppReload } from "../admin/reload-report.ts";
import type { AppConfig, Config } from "../config/config.ts";
import { ConnectionAllowance } from "../kernel/connection-allowance.ts";
import { TimerWheel } from "../kernel/timer-wheel.ts";
import type { Logger } from "../telemetry/logger.ts";
import { LoopDelay } from "../telemetry/loop-delay.ts";
import { WorkerPool } from "../workers/pool.ts";
import { createAppDispatch } from "./app-dispatch.ts";
import { type BodyDirectory, openBodyDirectory } from "./body-directory.ts";
import { FrontDevelopment } from "./develop/front-development.ts";
import type { DevelopmentProblem } from "./develop/problem.ts";
import type { PoolSizes } from "./config-difference.ts";
import { createHttpListener } from "./create-http-listener.ts";
import { FrontTelemetry } from "./front-telemetry.ts";
import { graceMsOf, longestGraceMs } from "./front-times.ts";
import { FrontSockets } from "./front-sockets.ts";
import type { Health } from "./health-handler.ts";
import { findModuleRunner } from "./module-runner.ts";
import type { ServingListener } from "./listener-pair.ts";
import { reportFront } from "./report-front.ts";
import type { ListenerCredentials } from "./tls-files.ts";

/** How long responses announce `Connection: close` before idle connections are closed: clients that are about to reuse one learn of it. */
const ANNOUNCE_CLOSE_MS = 300;

/** How long connections that the kernel has completed may take to be accepted before the listening sockets are closed. */
const ACCEPT_QUEUE_MS = 20;

/** How long access logs may take to be written at the end of a stop. */
const LOG_FLUSH_MS = 1_000;

export interface FrontOptions {
  readonly config: Config;
  /** Listening sockets inherited from the master, in the order of the configuration's listeners. */
  readonly listenFds: readonly number[];
  /** Certificates and keys, in the same order. */
  readonly credentials: readonly ListenerCredentials[];
  /** A private directory (0700) of this front. */
  readonly directory: string;
  /** True when another front serves until this one is ready: it then accepts nothing before. */
  readonly isSuccessor: boolean;
  readonly log: Logger;
  readonly runtimeVersion: string;
  /** What workers inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with the process id of every worker that starts and ends, so that somebody can end them if this process cannot. */
  readonly onWorkerSpawned: (processId: number) => void;
  readonly onWorkerExited: (processId: number) => void;
}

/** What the master asks of a front from time to time. */
export interface FrontStatus {
  /** True from the first ready worker until the stop begins. */
  readonly isReady: boolean;
  readonly workerCount: number;
  readonly busyCount: number;
  readonly connectionCount: number;
}

/** How a front is to stop. */
export interface FrontStop {
  /** Skips the waits, of a stop that is already under way too. */
  readonly now: boolean;
  /** False when nobody is left who would send clients elsewhere meanwhile: accepting ends at once. Default true. */
  readonly isDelayed?: boolean;
  /** True when a successor accepts on the same sockets: nobody has to be sent elsewhere, and what is queued there is the successor's. */
  readonly isHandover?: boolean;
}

/** The app of a successor does not start; the front before it stays. */
export class FrontNotReadyError extends VilyaError {
  override readonly code = "VILYA_FRONT_NOT_READY";
  readonly apps: readonly AppReload[];

  constructor({ appName, startFailure }: WorkerPool) {
    super(`Cannot serve app ${appName}: its workers do not start (${startFailure?.reason ?? "none is ready"})`);
    this.apps = [{ app: appName, failure: startFailure }];
  }
}

/**
 * Serves clients: owns the listeners, the worker pools, and the way from one to the other.
 *
 * Order of a stop: not ready → serve on for `shutdownDelayMs` → announce the close → stop accepting → close WebSockets → finish what is in
 * flight, for at most `graceTimeoutMs` → tell the apps which sockets have ended → stop the workers.
 */
export class Front {
  readonly #options: FrontOptions;
  readonly #wheel = new TimerWheel();
  readonly #sockets: FrontSockets;
  readonly #pools: readonly WorkerPool[];
  readonly #listeners: ServingListener[] = [];
  readonly #telemetry: FrontTelemetry;
  readonly #loopDelay: LoopDelay;
  /** `null` but for `vilya dev`. */
  readonly #development: FrontDevelopment | null;
  readonly #hurry = Promise.withResolvers<void>();
  /** Where bodies are that workers read as files. */
  #bodies: BodyDirectory | null = null;
  #wasAppCut = false;
  #stopping: Promise<{ wasCut: boolean }> | null = null;

  constructor({ log, ...options }: FrontOptions) {
    this.#development = options.config.isDevelopment ? new FrontDevelopment(options.config) : null;
    this.#options = { ...options, log: this.#development?.tap(log) ?? log };
    this.#loopDelay = new LoopDelay((delayMs) => log.warn("event loop was held up", { delayMs: Math.round(delayMs) }));
    this.#telemetry = new FrontTelemetry(options.config, log);
    this.#sockets = new FrontSockets({
      config: options.config.server.webSocket,
      metrics: this.#telemetry.userMetrics,
      wheel: this.#wheel,
      log,
    });
    this.#pools = options.config.apps.filter((app) => app.runtime !== "stub").map((app) => this.#createPool(app));
  }

  /** Everything there is to tell. */
  get report(): FrontReport {
    return reportFront({
      isReady: this.status.isReady,
      listenerConfigs: this.#options.config.server.listeners,
      listeners: this.#listeners,
      pools: this.#pools,
      telemetry: this.#telemetry,
      loopDelay: this.#loopDelay,
    });
  }

  get status(): FrontStatus {
    const { isServing, workerCount, activeCount } = this.#health();
    let connectionCount = 0;
    for (const listener of this.#listeners) connectionCount += listener.connectionCount;
    return { isReady: isServing && this.#stopping === null, workerCount, busyCount: activeCount, connectionCount };
  }

  /**
   * Accepts at once, so that requests wait for the first workers instead of being refused; resolves when every app has its workers, or has
   * failed to start them and goes on trying. A successor accepts when every app has its workers.
   *
   * @throws {FrontNotReadyError} when a successor's app does not start.
   */
  async start(): Promise<void> {
    if (!this.#options.isSuccessor) this.#listen();
    await Promise.all(this.#pools.map((pool) => pool.start()));
    if (!this.#options.isSuccessor) return;
    for (const pool of this.#pools) assertReady(pool);
    this.#listen();
  }

  #listen(): void {
    const { config, listenFds, credentials, isSuccessor, log, runtimeVersion } = this.#options;
    const { server } = config;
    const bodyDirectory = server.bodyDirectory ?? tmpdir();
    const app = createAppDispatch({
      config,
      pools: this.#pools,
      sockets: this.#sockets,
      log,
      runtimeVersion,
      wheel: this.#wheel,
      nowMs: () => this.#wheel.nowMs(),
    });
    this.#bodies = openBodyDirectory(bodyDirectory, log);
    const shared = {
      isSuccessor,
      server,
      bodyDirectory,
      bodyFileDirectory: this.#bodies?.path ?? null,
      allowance: new ConnectionAllowance(server.connectionCountMax),
      health: () => this.#health(),
      app: this.#development?.over(app) ?? app,
      takesWebSockets: this.#pools.length > 0,
      wheel: this.#wheel,
      log,
    };
    for (const [index, listener] of server.listeners.entries()) {
      const watch = this.#telemetry.watch(listener);
      const parts = { ...shared, listener, watch, fd: listenFds[index]!, credentials: credentials[index] ?? null };
      this.#listeners.push(createHttpListener(parts));
    }
  }

  /** Shows these certificates from the next handshakes on; the connections that stand go on as they are. */
  replaceCredentials(credentials: readonly ListenerCredentials[]): void {
    for (const [index, listener] of this.#listeners.entries()) {
      const replacement = credentials[index] ?? null;
      if (replacement !== null) listener.replaceCredentials(replacement);
    }
  }

  /** Replaces every worker of an app, or of all apps, some at a time, each one's replacement ready before it leaves: they run what is on disk now. */
  recycleWorkers(app: string | null = null): void {
    for (const pool of this.#pools) if (app === null || pool.appName === app) pool.recycle();
  }

  /** Has a new generation of workers serve an app, or each; the old one has the grace of a stop to finish what it has. */
  reloadWorkers(app: string | null): Promise<readonly AppReload[]> {
    const pools = this.#pools.filter((pool) => app === null || pool.appName === app);
    return Promise.all(
      pools.map(async (pool) => ({
        app: pool.appName,
        failure: await pool.reload({ graceMs: this.#graceMsOf(pool) }),
      })),
    );
  }

  /** Gives apps another number of workers. */
  resizePools(sizes: PoolSizes): void {
    for (const pool of this.#pools) {
      const size = sizes[pool.appName];
      if (size !== undefined) pool.resize(size);
    }
  }

  /** Has the pages that are open in browsers loaded again; while there is a problem, pages show that. In development alone. */
  refreshPages(problem: DevelopmentProblem | null): void {
    this.#development?.pages.refresh(problem);
  }

  /** Opens the access logs anew. */
  reopenLogs(): void {
    this.#telemetry.reopenLogs();
  }

  /** Stops in good order. @returns whether a connection was cut off. */
  stop(stop: FrontStop): Promise<{ wasCut: boolean }> {
    if (stop.now) this.#hurry.resolve();
    return (this.#stopping ??= this.#stop(stop));
  }

  async #stop({ isDelayed = true, isHandover = false }: FrontStop): Promise<{ wasCut: boolean }> {
    const { shutdownDelayMs } = this.#options.config.server;
    const graceTimeoutMs = longestGraceMs(this.#options.config);
    if (isHandover) for (const listener of this.#listeners) listener.stopListening();
    else if (isDelayed) await this.#wait(shutdownDelayMs);
    this.#development?.pages.close();
    for (const listener of this.#listeners) listener.announceClose();
    if (this.#listeners.some((listener) => listener.connectionCount > 0)) await this.#wait(ANNOUNCE_CLOSE_MS);
    if (!isHandover) {
      for (const listener of this.#listeners) listener.stopQueueing();
      await this.#wait(ACCEPT_QUEUE_MS);
    }
    for (const listener of this.#listeners) listener.stopAccepting();
    this.#sockets.leave();
    const graceEndsMs = performance.now() + graceTimeoutMs;
    const early = this.#pools.filter((pool) => this.#graceMsOf(pool) < graceTimeoutMs);
    const timers = early.map((pool) => setTimeout(() => this.#cutApp(pool), this.#graceMsOf(pool)));
    await this.#wait(graceTimeoutMs, Promise.all(this.#listeners.map((listener) => listener.whenEmpty())));
    let cutCount = 0;
    for (const listener of this.#listeners) cutCount += listener.closeConnections();
    if (cutCount > 0) this.#options.log.warn("connections cut at the end of the grace", { count: cutCount });
    await this.#wait(Math.max(0, graceEndsMs - performance.now()), this.#sockets.whenIdle());
    const graceMs = Math.max(0, graceEndsMs - performance.now());
    const stopped = Promise.all(this.#pools.map((pool) => pool.stop({ graceMs })));
    void this.#hurry.promise.then(() => Promise.all(this.#pools.map((pool) => pool.stop({ graceMs: 0 }))));
    await stopped;
    for (const timer of timers) clearTimeout(timer);
    await this.#telemetry.close(LOG_FLUSH_MS);
    this.#bodies?.[Symbol.dispose]();
    return { wasCut: cutCount > 0 || this.#wasAppCut };
  }

  /** The grace of this app is over, and that of others is not. */
  #cutApp(pool: WorkerPool): void {
    const { busyCount, waitingCount } = pool.status;
    if (busyCount + waitingCount > 0) {
      this.#wasAppCut = true;
      this.#options.log.warn("requests cut at the end of the app's grace", {
        app: pool.appName,
        busyCount,
        waitingCount,
      });
    }
    void pool.stop({ graceMs: 0 });
  }

  #graceMsOf({ appName }: WorkerPool): number {
    const { apps, server } = this.#options.config;
    const app = apps.find(({ name }) => name === appName);
    return app === undefined ? server.graceTimeoutMs : graceMsOf(app, server);
  }

  /** Resolves after `delayMs`, when `condition` does, or when somebody is in a hurry. */
  async #wait(delayMs: number, condition?: Promise<unknown>): Promise<void> {
    const delay = Promise.withResolvers<void>();
    const timer = setTimeout(delay.resolve, delayMs);
    await Promise.race(
      condition === undefined ? [delay.promise, this.#hurry.promise] : [delay.promise, this.#hurry.promise, condition],
    );
    clearTimeout(timer);
  }

  #health(): Health {
    let workerCount = 0;
    let activeCount = 0;
    for (const { status } of this.#pools) {
      workerCount += status.workerCount;
      activeCount += status.busyCount;
    }
    return { isServing: this.#pools.length === 0 || workerCount > 0, workerCount, activeCount };
  }

  #createPool(app: AppConfig): WorkerPool {
    const { directory, log, runtimeVersion, environment, onWorkerSpawned, onWorkerExited } = this.#options;
    return new WorkerPool({
      app,
      directory,
      wheel: this.#wheel,
      log: log.child({ app: app.name }),
      runtimeVersion,
      environment,
      moduleRunner: findModuleRunner(),
      onWorkerSpawned,
      onWorkerExited,
      onActions: (list) => this.#sockets.onActions(app.name, list),
    });
  }
}

function assertReady(pool: WorkerPool): void {
  if (pool.status.state !== "ready") throw new FrontNotReadyError(pool);
}
