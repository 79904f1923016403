import type { AppConfig } from "../config/app-config.ts";
import { Deadline, type DeadlineOwner, type TimerWheel } from "../kernel/timer-wheel.ts";
import type { WorkerFeature } from "../protocols/worker/features.ts";
import { frameByteLength } from "../protocols/worker/request-encoder.ts";
import type { RouteAnnouncement } from "../protocols/worker/route-announcement.ts";
import type { ActionList } from "../protocols/worker/socket-action.ts";
import { DurationHistogram } from "../telemetry/duration-histogram.ts";
import type { Logger } from "../telemetry/logger.ts";
import { AnnouncedRoutes } from "./announced-routes.ts";
import type { Call } from "./calls/call.ts";
import { CallEnder } from "./calls/call-ender.ts";
import { describeWorker } from "./describe-worker.ts";
import { type GenerationFailure, Generations, type ReplaceOptions } from "./scaling/generations.ts";
import { type PoolCounters, type PoolStatus, type WorkerStatus, zeroCounters } from "./pool-status.ts";
import { PrefetchGovernor } from "./prefetch.ts";
import { RecyclingPolicy } from "./scaling/recycling.ts";
import { readResidentBytes } from "./watch/resident-memory.ts";
import { type PoolSize, Scaler } from "./scaling/scaler.ts";
import { Scheduler } from "./scheduler.ts";
import { StallWatch } from "./watch/stall-watch.ts";
import type { ModuleRunner } from "./process/worker-command.ts";
import type { StartFailure } from "./process/start-failure.ts";
import { TurnClock } from "./watch/turn-clock.ts";
import { type WorkerEnd, WorkerEnds } from "./worker-end.ts";

export interface WorkerPoolOptions {
  readonly app: AppConfig;
  /** A private directory (0700), for sockets and settings; may be shared with other pools. */
  readonly directory: string;
  readonly wheel: TimerWheel;
  /** Carries what tells the app apart. */
  readonly log: Logger;
  /** The engine's version, as workers are told it. */
  readonly runtimeVersion: string;
  /** What workers inherit; the app's own variables win over it. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** How modules of TypeScript and JavaScript are run. */
  readonly moduleRunner: ModuleRunner;
  /** Which ids workers get, so that no two pools of an app give the same. Default: 1, 2, 3 and so on. */
  readonly workerIds?: { readonly first: number; readonly step: number };
  /** Words before a worker's command; see {@link Launcher}. */
  readonly spawnWrapper?: readonly string[];
  /** Called once, when the first worker is ready. */
  readonly onReady?: () => void;
  /** Called with what workers have done with sockets and topics, valid during the call. Default: nothing is done. */
  readonly onActions?: (list: ActionList) => void;
  /** Called with the process id of every worker that starts, and again when it is gone: somebody may have to end it if this process cannot. */
  readonly onWorkerSpawned?: (processId: number) => void;
  readonly onWorkerExited?: (processId: number) => void;
}

/**
 * The workers of one app and the calls they run: `submit` a call and hear how it ends.
 *
 * However workers die, hang or lie, the pool goes on: a worker's end costs at most the call it ran, and the pool heals by itself.
 */
export class WorkerPool implements DeadlineOwner {
  readonly #options: WorkerPoolOptions;
  readonly #scheduler: Scheduler;
  readonly #scaler: Scaler;
  readonly #generations: Generations;
  readonly #counters: PoolCounters = zeroCounters();
  readonly #boot = new DurationHistogram();
  readonly #ends = new WorkerEnds();
  readonly #ender: CallEnder;
  /** What workers could do when that was asked last. */
  readonly #knownFor = new Set<WorkerFeature>();
  /** Of the worker that has started last: another one that has other routes looks itself. */
  #routes: AnnouncedRoutes | null = null;
  readonly #clock: TurnClock;
  readonly #stallWatch: StallWatch;
  readonly #grace: Deadline;
  readonly #started = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  #phase: "new" | "starting" | "running" | "stopping" | "stopped" = "new";

  constructor(options: WorkerPoolOptions) {
    const { app, directory, wheel, log, runtimeVersion, environment, spawnWrapper, moduleRunner } = options;
    const { pool: config } = app;
    this.#options = options;
    this.#grace = new Deadline(this);
    const clock = new TurnClock(wheel);
    this.#clock = clock;
    // Whoever says how long a request may wait means all of its waiting: what is written ahead cannot be taken back.
    const isWaitBounded = config.overflow.strategy === "queue_timeout" && config.prefetch === "auto";
    const prefetch = new PrefetchGovernor(isWaitBounded ? "off" : config.prefetch);
    this.#ender = new CallEnder(this.#counters, log);
    this.#scheduler = new Scheduler({
      overflow: config.overflow,
      retryAfterS: config.retryAfterS,
      prefetch,
      wheel,
      clock,
      ender: this.#ender,
      onAllBusy: () => this.#scaler.onAllBusy(),
      onQueueEmpty: () => this.#onQueueEmpty(),
    });
    this.#stallWatch = new StallWatch({
      wheel,
      scheduler: this.#scheduler,
      sentCount: () => [...this.#generations.workers()].reduce((sum, [worker]) => sum + worker.sentCount, 0),
      pump: () => this.#scheduler.pump(wheel.nowMs()),
      log,
    });
    const { first, step } = options.workerIds ?? { first: 1, step: 1 };
    let nextWorkerId = first - step;
    this.#generations = new Generations({
      launcher: { app, directory, wheel, log, runtimeVersion, environment, spawnWrapper, moduleRunner },
      context: {
        config,
        scheduler: this.#scheduler,
        prefetch,
        wheel,
        clock,
        ender: this.#ender,
        onActions: (list) => options.onActions?.(list),
        onRoutes: (announcement) => this.#takeRoutes(announcement),
      },
      recycling: new RecyclingPolicy({ config, readResidentBytes, random: Math.random }),
      counters: this.#counters,
      boot: this.#boot,
      ends: this.#ends,
      log,
      nextWorkerId: () => (nextWorkerId += step),
      onSpawned: (processId) => options.onWorkerSpawned?.(processId),
      onExited: (processId) => options.onWorkerExited?.(processId),
      onChange: () => this.#onChange(),
    });
    this.#scaler = new Scaler({
      config,
      scheduler: this.#scheduler,
      wheel,
      startingCount: () => this.#generations.current.startingCount,
      resize: (count) => {
        this.#generations.resize(count);
        this.#onChange();
      },
    });
  }

  /** The routes of its app, where its workers have announced them. */
  get routes(): AnnouncedRoutes | null {
    return this.#routes;
  }

  get appName(): string {
    return this.#options.app.name;
  }

  /** The pool now. Looks at every worker: not for hot paths. */
  get status(): PoolStatus {
    const { startingCount, readyCount } = this.#generations;
    let busyCount = 0;
    let processCount = 0;
    for (const [worker] of this.#generations.workers()) {
      processCount++;
      if (worker.inFlightCount > 0) busyCount++;
    }
    const { queue, aheadCount } = this.#scheduler;
    return {
      state: this.#state,
      workerCount: readyCount,
      busyCount,
      startingCount,
      leavingCount: processCount - readyCount - startingCount,
      desiredCount: this.#scaler.desiredCount,
      waitingCount: queue.depth + aheadCount,
      aheadCount,
      counters: this.#counters,
      boot: this.#boot.snapshot(),
      stallCount: this.#stallWatch.count,
    };
  }

  /** Every worker that is not gone, oldest first. Looks at their processes: not for hot paths. */
  get workers(): readonly WorkerStatus[] {
    const nowMs = this.#options.wheel.nowMs();
    return [...this.#generations.workers()].map(([worker, { number }]) => describeWorker(worker, number, nowMs));
  }

  /** Why workers do not start; null while they do. */
  get startFailure(): StartFailure | null {
    return this.#generations.current.startFailure;
  }

  /** How the last workers ended, newest first. */
  get ends(): readonly WorkerEnd[] {
    return this.#ends.list;
  }

  /** The workers' processes, oldest first, those that are leaving included. */
  processIds(): number[] {
    return [...this.#generations.workers()].map(([{ processId }]) => processId).filter((pid) => pid !== null);
  }

  /** When this turn of the event loop began, in the clock that calls are timed with. */
  turnStartMs(): number {
    return this.#clock.nowMs();
  }

  /** Resolves when the first `workerCount` workers are ready, or when starts keep failing: the pool then goes on trying. Never rejects. */
  start(): Promise<void> {
    if (this.#phase === "new") {
      this.#phase = "starting";
      this.#generations.resize(this.#scaler.desiredCount);
    }
    return this.#started.promise;
  }

  /** Runs `call` when a worker is free. How it ends is told to the call, possibly before this returns. */
  submit(call: Call): void {
    const { frameBytesMax } = this.#options.app.pool;
    if (frameByteLength(call.frame) > frameBytesMax) {
      this.#ender.fail(call, { kind: "too-large" });
      return;
    }
    this.#scheduler.submit(call);
    if (this.#scheduler.queue.depth > 0) this.#stallWatch.noteWaiting();
  }

  /** Whether every worker that takes calls can do what `feature` names; false while there is none. */
  supports(feature: WorkerFeature): boolean {
    if (this.#generations.readyCount === 0) return false;
    for (const worker of this.#generations.current.workers) {
      if (worker.state === "ready" && !worker.features.includes(feature)) return false;
    }
    return true;
  }

  /** True when a worker that is ready is not able to do it. While none is ready, nobody knows. */
  lacks(feature: WorkerFeature): boolean {
    return this.#generations.readyCount > 0 && !this.supports(feature);
  }

  /** As `supports`; while no worker is ready, what the last ones could do. */
  isKnownFor(feature: WorkerFeature): boolean {
    if (this.#generations.readyCount > 0) {
      const isKnown = this.supports(feature);
      if (isKnown) this.#knownFor.add(feature);
      else this.#knownFor.delete(feature);
    }
    return this.#knownFor.has(feature);
  }

  /** The call's owner no longer waits: a queued call never runs, a running one is finished and its answer dropped. */
  abandon(call: Call): void {
    if (call.state !== "queued" && call.state !== "running") return;
    this.#counters.abandonedCount++;
    if (call.state === "queued") {
      this.#scheduler.queue.remove(call);
      call.onReleased();
    } else if (call.cancellable !== null) call.cancellable.cancel();
    else call.state = "ended";
  }

  /** Gives the pool another size, which it reaches at once or as soon as workers are ready or done. */
  resize(size: PoolSize): void {
    this.#scaler.setSize(size);
  }

  /** Replaces every worker, some at a time, each one's replacement ready before it leaves. They run what their generation runs. */
  recycle(): void {
    this.#generations.recycleAll();
  }

  /**
   * Has a new generation of workers take over, which run what is on the disk now: it gets calls when all of it is ready, and then the old
   * one gets none. When it does not start, the old one stays.
   *
   * @param options `graceMs` is no bound by default.
   */
  reload(options: Partial<ReplaceOptions> = {}): Promise<GenerationFailure> {
    return this.#generations.replace({ graceMs: Infinity, ...options });
  }

  /**
   * Takes no further call, finishes those it has, and ends the workers; resolves when all of them are gone. What is not finished after
   * `graceMs` is ended: 0 ends everything now, and so can a second call while the first one waits.
   */
  stop({ graceMs }: { graceMs: number }): Promise<void> {
    const { wheel } = this.#options;
    if (this.#phase === "stopped") return this.#stopped.promise;
    this.#phase = "stopping";
    this.#scheduler.stopAccepting();
    this.#scaler.stop();
    if (graceMs <= 0) this.onDeadline();
    else if (this.#grace.dueMs > wheel.nowMs() + graceMs) wheel.set(this.#grace, graceMs);
    this.#onQueueEmpty();
    this.#onChange();
    return this.#stopped.promise;
  }

  /** @internal The grace of a stop is over. */
  onDeadline(): void {
    this.#generations.leave(0);
    this.#scheduler.queue.refuseAll("stopping");
  }

  get #state(): PoolStatus["state"] {
    if (this.#phase === "stopping" || this.#phase === "stopped") return this.#phase;
    if (this.#generations.readyCount > 0) return "ready";
    if (this.#scheduler.isUnavailable) return "unavailable";
    return this.#phase === "running" ? "degraded" : "starting";
  }

  #takeRoutes(announcement: RouteAnnouncement | null): void {
    if (announcement === null) this.#routes = null;
    else if (this.#routes?.table !== announcement.table) this.#routes = AnnouncedRoutes.of(announcement);
  }

  #onChange(): void {
    const { readyCount, current, isGone } = this.#generations;
    if (this.#phase === "starting" && readyCount > 0) {
      this.#phase = "running";
      this.#options.onReady?.();
    }
    if (readyCount === 0 && current.isFailing) {
      this.#scheduler.setUnavailable();
      this.#started.resolve();
    }
    // A pool may have shrunk before its last worker was ready.
    if (readyCount >= Math.min(this.#options.app.pool.workerCount, this.#scaler.desiredCount)) this.#started.resolve();
    if (this.#phase === "stopping" && isGone) this.#onStopped();
  }

  #onQueueEmpty(): void {
    if (this.#phase !== "stopping" || this.#scheduler.queue.depth > 0) return;
    // Later, because the call that left the queue is still on its way to a worker.
    queueMicrotask(() => this.#generations.leave(Infinity));
  }

  #onStopped(): void {
    this.#phase = "stopped";
    this.#options.wheel.remove(this.#grace);
    this.#stallWatch.stop();
    this.#scheduler.queue.refuseAll("stopping");
    this.#started.resolve();
    this.#stopped.resolve();
  }
}
