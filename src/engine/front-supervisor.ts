import type { FrontReport } from "../admin/front-report.ts";
import type { AppReload } from "../admin/reload-report.ts";
import { VilyaError } from "../base/errors.ts";
import type { LogLevel } from "../base/log-level.ts";
import { Backoff } from "../kernel/backoff.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { PoolSizes } from "./config-difference.ts";
import type { DevelopmentProblem } from "./develop/problem.ts";
import type { FrontExit, FrontProcess } from "./front-process.ts";

/** A front that served this long was sound: its death counts as the first again. */
const SOUND_AFTER_MS = 10_000;

/** Deaths in a row of fronts that were not sound yet are a crash loop from this one on. */
const CRASH_LOOP_DEATHS = 3;

/** The first replacement comes at once; the ones after it wait this long, then twice as long, … */
const RESTART_DELAY_MS_MIN = 100;
const RESTART_DELAY_MS_MAX = 5_000;

/** For a front that was told to stop now: to cut its connections, end its workers and say so. */
const STOP_NOW_TIMEOUT_MS = 3_000;

/** How a stop goes about its requests in flight: it waits for them, cuts them off, or does not even ask the front. */
export type StopUrgency = "graceful" | "now" | "kill";

/** A front could not be replaced; the one before it serves on. */
export class FrontReplacementError extends VilyaError {
  override readonly code = "VILYA_FRONT_NOT_REPLACED";

  /** Those whose workers did not start. */
  readonly apps: readonly AppReload[];

  constructor(reason: string, apps: readonly AppReload[] = []) {
    super(`Cannot replace the front: ${reason}; the old one stays`);
    this.apps = apps;
  }
}

/** A front's process, as far as its supervisor looks at it. */
export type SupervisedFront = Pick<
  FrontProcess,
  | "pid"
  | "started"
  | "exited"
  | "stop"
  | "handOver"
  | "kill"
  | "recycleWorkers"
  | "reloadWorkers"
  | "resizePools"
  | "reopenLogs"
  | "drain"
  | "refreshPages"
  | "report"
  | "setLogLevel"
>;

/** Starts a front; `generation` counts them from 1. May throw. A successor accepts nothing before it can serve. */
export type SpawnFront = (generation: number, role: "first" | "successor") => SupervisedFront;

/** What a supervisor is made of. */
export interface FrontSupervisorOptions {
  readonly spawn: SpawnFront;
  /** How long a graceful stop may take before the front is killed. */
  readonly stopTimeoutMs: number;
  readonly log: Logger;
}

/** Fronts of another configuration, and how long the first of them may take until it serves. */
export interface Replacement {
  readonly spawn: SpawnFront;
  readonly stopTimeoutMs: number;
  readonly startTimeoutMs: number;
}

/**
 * Keeps one front running: one that dies is replaced, at once when it was sound, later and later when they keep dying. A replacement on
 * request serves before the old front is told to finish what it has.
 *
 * Invariant: from `start` until `stop` there is a front, or one will be spawned within `RESTART_DELAY_MS_MAX`; after `stop` none is spawned.
 */
export class FrontSupervisor {
  #options: FrontSupervisorOptions;
  readonly #backoff = new Backoff({
    delayMsMin: RESTART_DELAY_MS_MIN,
    delayMsMax: RESTART_DELAY_MS_MAX,
    healthyAfterMs: SOUND_AFTER_MS,
  });
  readonly #stop = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #current: RunningFront | null = null;
  /** Fronts that are not the current one: a successor that starts, and those that finish what they have. */
  readonly #others = new Set<SupervisedFront>();
  /** Resolved when a successor has become the current front. */
  #succession = Promise.withResolvers<"succeeded">();
  #generation = 0;
  #deathCount = 0;
  #isStopping = false;
  #wasCut = false;
  #killTimer: NodeJS.Timeout | undefined;

  constructor(options: FrontSupervisorOptions) {
    this.#options = options;
  }

  /** Spawns the first front. Failures are logged and retried: only `stop` ends it. */
  start(): void {
    this.#running = this.#run();
  }

  /** True for the process id of a front that has not been waited for. */
  isFront(pid: number): boolean {
    return this.#current?.front.pid === pid || [...this.#others].some((front) => front.pid === pid);
  }

  /**
   * Has a front of another kind take over. It serves before the old one is told to finish what it has; when it does not come to that, it is
   * ended and everything stays as it is. Resolves when every new connection is the new front's.
   *
   * @throws {FrontReplacementError} when the old front stays.
   */
  async replace({ spawn, stopTimeoutMs, startTimeoutMs }: Replacement): Promise<void> {
    if (this.#isStopping) throw new FrontReplacementError("the engine is stopping");
    const generation = ++this.#generation;
    const front = this.#spawnSuccessor(spawn, generation);
    this.#options.log.info("front spawned", { pid: front.pid, generation, isSuccessor: true });
    this.#others.add(front);
    const problem = await this.#awaitStart(front, startTimeoutMs);
    if (problem !== null) {
      front.kill();
      const { failedApps } = await front.exited;
      this.#others.delete(front);
      throw new FrontReplacementError(problem, failedApps);
    }
    this.#others.delete(front);
    const old = this.#current;
    this.adopt({ spawn, stopTimeoutMs });
    this.#current = { front, generation };
    this.#succession.resolve("succeeded");
    this.#succession = Promise.withResolvers();
    if (old !== null) await this.#retire(old);
  }

  /** What the front that serves tells of itself; `null` while there is none, or it does not answer. */
  async report(): Promise<FrontReport | null> {
    return (await this.#current?.front.report()) ?? null;
  }

  /** Fronts that died while nobody had told them to. */
  get deathCount(): number {
    return this.#deathCount;
  }

  setLogLevel(level: LogLevel): void {
    for (const front of this.#fronts()) front.setLogLevel(level);
  }

  /** Has every worker of the front that serves replaced; one that is about to start runs what is on disk anyway. */
  recycleWorkers(app: string | null = null): void {
    this.#current?.front.recycleWorkers(app);
  }

  /** Has new workers serve, of one app or of each; null when no front is there to the end of it. */
  async reloadWorkers(app: string | null): Promise<readonly AppReload[] | null> {
    return (await this.#current?.front.reloadWorkers(app)) ?? null;
  }

  resizePools(sizes: PoolSizes): void {
    this.#current?.front.resizePools(sizes);
  }

  /** Fronts that follow one that dies are made in this way from now on. */
  adopt({ spawn, stopTimeoutMs }: Pick<Replacement, "spawn" | "stopTimeoutMs">): void {
    this.#options = { ...this.#options, spawn, stopTimeoutMs };
  }

  /** Has every front open its log files anew, those among them that only finish what they have. */
  reopenLogs(): void {
    for (const front of this.#fronts()) front.reopenLogs();
  }

  /** Has every front tell load balancers to send requests elsewhere, or here again. */
  drain(isDrained: boolean): void {
    for (const front of this.#fronts()) front.drain(isDrained);
  }

  /** Has pages in browsers loaded again by the front that serves. */
  refreshPages(problem: DevelopmentProblem | null): void {
    this.#current?.front.refreshPages(problem);
  }

  /** Ends the supervision; called again, it only makes haste. Resolves when no front is left. `wasCut`: requests were lost. */
  async stop(urgency: StopUrgency): Promise<{ readonly wasCut: boolean }> {
    this.#isStopping = true;
    this.#stop.resolve();
    const fronts = this.#fronts();
    switch (urgency) {
      case "graceful":
        this.#current?.front.stop({ isNow: false });
        this.#killAfter(this.#options.stopTimeoutMs);
        break;
      case "now":
        for (const front of fronts) front.stop({ isNow: true });
        this.#killAfter(STOP_NOW_TIMEOUT_MS);
        break;
      case "kill":
        for (const front of fronts) front.kill();
    }
    return this.#ended();
  }

  /** Ends the supervision because somebody else accepts on the same sockets: what is in flight is finished. As `stop`, which may follow. */
  async handOver(): Promise<{ readonly wasCut: boolean }> {
    this.#isStopping = true;
    this.#stop.resolve();
    this.#killAfter(this.#options.stopTimeoutMs);
    await this.#current?.front.handOver();
    return this.#ended();
  }

  async #ended(): Promise<{ readonly wasCut: boolean }> {
    await this.#running;
    await Promise.all([...this.#others].map(({ exited }) => exited));
    clearTimeout(this.#killTimer);
    return { wasCut: this.#wasCut };
  }

  #fronts(): readonly SupervisedFront[] {
    return [...(this.#current === null ? [] : [this.#current.front]), ...this.#others];
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const restartDelayMs = await this.#runFront();
      if (this.#isStopping || restartDelayMs === 0) continue;
      await Promise.race([Bun.sleep(restartDelayMs), this.#stop.promise, this.#succession.promise]);
    }
  }

  /** Runs the current front, or a new one, to its end or its succession; returns how long to wait before the next. */
  async #runFront(): Promise<number> {
    const { spawn, log } = this.#options;
    if (this.#current === null) {
      const generation = ++this.#generation;
      try {
        this.#current = { front: spawn(generation, "first"), generation };
      } catch (error) {
        const restartDelayMs = this.#nextDelayMs(0);
        log.error("front cannot be spawned", { error: error as Error, restartDelayMs });
        return restartDelayMs;
      }
      log.info("front spawned", { pid: this.#current.front.pid, generation });
    }
    const running = this.#current;
    const end = await Promise.race([running.front.exited, this.#succession.promise]);
    if (end === "succeeded") return 0;
    this.#current = null;
    return this.#exited(running, end);
  }

  #exited({ front: { pid }, generation }: RunningFront, exit: FrontExit): number {
    const { exitCode, signal } = exit;
    const livedMs = Math.round(exit.livedMs);
    const { log } = this.#options;
    if (this.#isStopping) {
      this.#wasCut ||= exit.wasCut;
      log.debug("front stopped", { pid, generation, exitCode, signal, livedMs });
      return 0;
    }
    const restartDelayMs = this.#nextDelayMs(exit.hasStarted ? livedMs : 0);
    const fields = { pid, generation, exitCode, signal, livedMs, restartDelayMs };
    this.#deathCount++;
    const deathCount = this.#backoff.attemptCount;
    if (deathCount < CRASH_LOOP_DEATHS) log.warn("front died", fields);
    else log.error("fronts keep dying", { ...fields, deathCount });
    return restartDelayMs;
  }

  #nextDelayMs(livedMs: number): number {
    const delayMs = Math.round(this.#backoff.next(livedMs));
    return this.#backoff.attemptCount === 1 ? 0 : delayMs;
  }

  #spawnSuccessor(spawn: SpawnFront, generation: number): SupervisedFront {
    try {
      return spawn(generation, "successor");
    } catch (error) {
      throw new FrontReplacementError((error as Error).message);
    }
  }

  /** Returns why `front` does not serve; `null` when it does. */
  async #awaitStart(front: SupervisedFront, timeoutMs: number): Promise<string | null> {
    const timeout = Promise.withResolvers<string>();
    const timer = setTimeout(() => timeout.resolve(`its workers were not ready after ${timeoutMs} ms`), timeoutMs);
    try {
      return await Promise.race([
        front.started.then(() => null),
        front.exited.then(({ failure }) => failure ?? "its process ended before it served"),
        this.#stop.promise.then(() => "the engine is stopping"),
        timeout.promise,
      ]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets a front that has a successor finish what it has. */
  async #retire({ front, generation }: RunningFront): Promise<void> {
    const { log, stopTimeoutMs } = this.#options;
    const timer = setTimeout(() => {
      log.error("front killed: it did not stop in time", { pid: front.pid, timeoutMs: stopTimeoutMs });
      front.kill();
    }, stopTimeoutMs);
    this.#others.add(front);
    void front.exited.then(({ wasCut }) => {
      clearTimeout(timer);
      this.#others.delete(front);
      if (this.#isStopping) this.#wasCut ||= wasCut;
      log.info("front retired", { pid: front.pid, generation, wasCut });
    });
    await front.handOver();
  }

  #killAfter(timeoutMs: number): void {
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(() => {
      for (const front of this.#fronts()) {
        this.#options.log.error("front killed: it did not stop in time", { pid: front.pid, timeoutMs });
        front.kill();
      }
    }, timeoutMs);
  }
}

interface RunningFront {
  readonly front: SupervisedFront;
  readonly generation: number;
}
