import { VilyaError } from "../../base/errors.ts";
import type { FrontReport } from "../../admin/front-report.ts";
import type { AppReload } from "../../admin/reload-report.ts";
import type { AppConfig } from "../../config/app-config.ts";
import type { Config } from "../../config/config.ts";
import { ConnectionAllowance } from "../../kernel/connection-allowance.ts";
import { TimerWheel } from "../../kernel/timer-wheel.ts";
import { RELAY_OVERHEAD_BYTES } from "../../protocols/worker/action-relay.ts";
import type { Logger } from "../../telemetry/logger.ts";
import { LoopDelay } from "../../telemetry/loop-delay.ts";
import { WorkerPool } from "../../workers/pool.ts";
import { createAppDispatch } from "../dispatch/app-dispatch.ts";
import { type BodyDirectory, openBodyDirectory } from "../dispatch/body-directory.ts";
import { bodyParent } from "../dispatch/body-parent.ts";
import { FrontDevelopment } from "../develop/front-development.ts";
import type { DevelopmentProblem } from "../develop/problem.ts";
import type { PoolSizes } from "../master/config-difference.ts";
import { createHttpListener, type HttpListenerParts } from "../listeners/create-http-listener.ts";
import { FrontListening } from "./front-listening.ts";
import { FrontRelay, type RelayAddress } from "./front-relay.ts";
import type { FrontPlace } from "../master/front-slice.ts";
import { FrontTelemetry } from "./front-telemetry.ts";
import { FrontShutdown, type FrontStop } from "./front-shutdown.ts";
import { graceMsOf } from "./front-times.ts";
import { FrontSockets } from "./front-sockets.ts";
import type { Health } from "../dispatch/health-handler.ts";
import { findModuleRunner } from "../module-runner.ts";
import type { FrontStatus } from "../front-status.ts";
import type { ServingListener } from "../listeners/listener-pair.ts";
import type { Ballot } from "../master/reload-vote.ts";
import { reportFront } from "./report-front.ts";
import type { ListenerCredentials } from "../listeners/tls-files.ts";
import { workerUsersOf } from "../worker-users.ts";

/** How long access logs may take to be written at the end of a stop. */
const LOG_FLUSH_MS = 1_000;

export interface FrontOptions {
  readonly config: Config;
  /** Listening sockets inherited from the master, in the order of the configuration's listeners; of a port one for each front. */
  readonly listenFds: readonly (readonly number[])[];
  /** Which front it is; `config` has its share of the workers. */
  readonly place: FrontPlace;
  /** Certificates and keys, in the same order. */
  readonly credentials: readonly ListenerCredentials[];
  /** A private directory (0700) of this front. */
  readonly directory: string;
  /** What the names of its WebSockets begin with. */
  readonly socketPrefix: string;
  /** True when another front serves until this one is ready: it then accepts nothing before it is told to. */
  readonly isSuccessor: boolean;
  /** Connections of all listeners together; who comes above it is refused. */
  readonly connectionCountMax: number;
  readonly log: Logger;
  readonly runtimeVersion: string;
  /** What workers inherit. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Called with the process id of every worker that starts and ends, so that somebody can end them if this process cannot. */
  readonly onWorkerSpawned: (processId: number) => void;
  readonly onWorkerExited: (processId: number) => void;
}

/** What the listeners of a front share. */
type SharedParts = Pick<
  HttpListenerParts,
  "bodyDirectory" | "bodyFileDirectory" | "allowance" | "health" | "app" | "takesWebSockets"
>;

/** The app of a successor does not start; the front before it stays. */
export class FrontNotReadyError extends VilyaError {
  override readonly code = "VILYA_FRONT_NOT_READY";
  readonly apps: readonly AppReload[];

  constructor({ appName, startFailure }: WorkerPool) {
    super(`Cannot serve app ${appName}: its workers do not start (${startFailure?.reason ?? "none is ready"})`);
    this.apps = [{ app: appName, failure: startFailure }];
  }
}

/** Serves clients: owns the listeners, the worker pools, and the way from one to the other. */
export class Front {
  readonly #options: FrontOptions;
  readonly #wheel = new TimerWheel();
  readonly #sockets: FrontSockets;
  readonly #relay: FrontRelay;
  readonly #pools: readonly WorkerPool[];
  readonly #listening: FrontListening;
  readonly #telemetry: FrontTelemetry;
  readonly #loopDelay: LoopDelay;
  /** `null` but for `vilya dev`. */
  readonly #development: FrontDevelopment | null;
  readonly #shutdown: FrontShutdown;
  #parts: SharedParts | null = null;
  /** Where bodies are that workers read as files. */
  #bodies: BodyDirectory | null = null;
  /** True from the first moment of a stop that leaves nobody to serve in its place. */
  #isSentElsewhere = false;
  #isDrained = false;
  #stopping: Promise<{ wasCut: boolean }> | null = null;

  constructor({ log, ...options }: FrontOptions) {
    this.#development = options.config.isDevelopment ? new FrontDevelopment(options.config) : null;
    this.#options = { ...options, log: this.#development?.tap(log) ?? log };
    this.#loopDelay = new LoopDelay((delayMs) => log.warn("event loop was held up", { delayMs: Math.round(delayMs) }));
    this.#telemetry = new FrontTelemetry(options.config, options.place.count === 1, log);
    const frameBytesMax = Math.max(0, ...options.config.apps.map(({ pool }) => pool.frameBytesMax));
    this.#relay = new FrontRelay({
      directory: options.directory,
      frameBytesMax: frameBytesMax + RELAY_OVERHEAD_BYTES,
      sink: { onRelayed: (app, list) => this.#sockets.onRelayed(app, list) },
      wheel: this.#wheel,
      log,
    });
    this.#sockets = new FrontSockets({
      config: options.config.server.webSocket,
      metrics: this.#telemetry.userMetrics,
      socketPrefix: options.socketPrefix,
      relay: this.#relay,
      wheel: this.#wheel,
      log,
    });
    const { listenFds, place } = options;
    this.#listening = new FrontListening({ listenFds, place, create: (index, fd) => this.#createListener(index, fd) });
    this.#pools = options.config.apps.filter((app) => app.runtime !== "stub").map((app) => this.#createPool(app));
    this.#shutdown = new FrontShutdown({
      config: options.config,
      listening: this.#listening,
      pools: this.#pools,
      sockets: this.#sockets,
      onDelayOver: () => this.#development?.pages.close(),
      log,
    });
  }

  /** Everything there is to tell. */
  get report(): FrontReport {
    return reportFront({
      isReady: this.status.isReady,
      listenerConfigs: this.#options.config.server.listeners,
      listeners: this.#listeners,
      pools: this.#pools,
      telemetry: this.#telemetry,
      relay: this.#relay.counts,
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
   * failed to start them and goes on trying. A successor accepts nothing: it resolves when every app has its workers.
   *
   * @throws {FrontNotReadyError} when a successor's app does not start.
   */
  async start(): Promise<void> {
    if (!this.#options.isSuccessor) this.acceptFor([]);
    await Promise.all(this.#pools.map((pool) => pool.start()));
    if (this.#options.isSuccessor) for (const pool of this.#pools) assertReady(pool);
  }

  /** Accepts connections on its own sockets, and on those of other fronts as long as they are named. */
  acceptFor(frontIndexes: readonly number[]): void {
    const hasBegun = this.#listeners.length > 0;
    if (hasBegun || this.#stopping === null) this.#listening.acceptFor(frontIndexes);
  }

  get #listeners(): readonly ServingListener[] {
    return this.#listening.listeners;
  }

  #createListener(index: number, fd: number): ServingListener {
    const { config, credentials, isSuccessor, place, log } = this.#options;
    const { server } = config;
    const listener = server.listeners[index]!;
    return createHttpListener({
      ...this.#shared(),
      listener,
      fd,
      credentials: credentials[index] ?? null,
      watch: this.#telemetry.watch(listener),
      isSuccessor,
      // The runtime binds the port by itself, and two cannot.
      servesHttp3: place.index === 0,
      server,
      wheel: this.#wheel,
      log,
    });
  }

  /** What all listeners have in common; made with the first. */
  #shared(): SharedParts {
    if (this.#parts !== null) return this.#parts;
    const { config, connectionCountMax, log, runtimeVersion } = this.#options;
    const { server } = config;
    const bodyDirectory = bodyParent({ configured: server.bodyDirectory, own: this.#options.directory }, log);
    this.#bodies = openBodyDirectory(bodyDirectory, log, workerUsersOf(config));
    const app = createAppDispatch({
      config,
      pools: this.#pools,
      sockets: this.#sockets,
      log,
      runtimeVersion,
      wheel: this.#wheel,
      bodyDirectory: this.#bodies?.path ?? null,
    });
    return (this.#parts = {
      bodyDirectory,
      bodyFileDirectory: this.#bodies?.path ?? null,
      allowance: new ConnectionAllowance(connectionCountMax),
      health: () => this.#healthToTell(),
      app: this.#development?.over(app) ?? app,
      takesWebSockets: this.#pools.length > 0 || config.routes.some(({ action }) => action.kind === "proxy"),
    });
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

  /**
   * Has a new generation of workers serve an app, or each, where `ballot` lets it; the old one has the grace of a stop to finish what it has.
   */
  reloadWorkers(app: string | null, ballot: Ballot): Promise<readonly AppReload[]> {
    const pools = this.#pools.filter((pool) => app === null || pool.appName === app);
    return Promise.all(
      pools.map(async (pool) => {
        const { appName } = pool;
        const failure = await pool.reload({
          graceMs: this.#graceMsOf(pool),
          mayServe: () => ballot(appName, true),
        });
        // The others need not wait for those of this one.
        if (failure !== null) void ballot(appName, false);
        return { app: appName, failure };
      }),
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

  /** What is published here goes to these fronts, too, and what is sent to a socket of theirs to them. */
  setPeers(peers: readonly RelayAddress[]): void {
    this.#relay.setPeers(peers);
  }

  /** Tells load balancers to send requests elsewhere, or here again; serves on. */
  drain(isDrained: boolean): void {
    this.#isDrained = isDrained;
  }

  /** Opens the access logs anew. */
  reopenLogs(): void {
    this.#telemetry.reopenLogs();
  }

  /** Stops in good order. @returns whether anything was cut off. */
  stop(stop: FrontStop): Promise<{ wasCut: boolean }> {
    if (stop.now) this.#shutdown.hurry();
    if (stop.isDelayed === false) this.#shutdown.endDelay();
    return (this.#stopping ??= this.#stop(stop));
  }

  async #stop(stop: FrontStop): Promise<{ wasCut: boolean }> {
    this.#isSentElsewhere = stop.isHandover !== true;
    const outcome = await this.#shutdown.run(stop);
    this.#relay.close();
    await this.#telemetry.close(LOG_FLUSH_MS);
    this.#bodies?.[Symbol.dispose]();
    return outcome;
  }

  #graceMsOf({ appName }: WorkerPool): number {
    const { apps, server } = this.#options.config;
    const app = apps.find(({ name }) => name === appName);
    return app === undefined ? server.graceTimeoutMs : graceMsOf(app, server);
  }

  /** What those hear who decide where requests are sent. */
  #healthToTell(): Health {
    const health = this.#health();
    return { ...health, isServing: health.isServing && !this.#isSentElsewhere && !this.#isDrained };
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
    const { directory, place, log, runtimeVersion, environment, onWorkerSpawned, onWorkerExited } = this.#options;
    return new WorkerPool({
      workerIds: { first: place.index + 1, step: place.count },
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
