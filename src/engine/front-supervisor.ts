import { Backoff } from "../kernel/backoff.ts";
import type { Logger } from "../telemetry/logger.ts";
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

/** A front's process, as far as its supervisor looks at it. */
export type SupervisedFront = Pick<FrontProcess, "pid" | "exited" | "stop" | "kill">;

/** What a supervisor is made of. */
export interface FrontSupervisorOptions {
  /** Starts a front; `generation` counts them from 1. May throw. */
  readonly spawn: (generation: number) => SupervisedFront;
  /** How long a graceful stop may take before the front is killed. */
  readonly stopTimeoutMs: number;
  readonly log: Logger;
}

/**
 * Keeps one front running: one that dies is replaced, at once when it was sound, later and later when they keep dying.
 *
 * Invariant: from `start` until `stop` there is a front, or one will be spawned within `RESTART_DELAY_MS_MAX`; after `stop` none is spawned.
 */
export class FrontSupervisor {
  readonly #options: FrontSupervisorOptions;
  readonly #backoff = new Backoff({
    delayMsMin: RESTART_DELAY_MS_MIN,
    delayMsMax: RESTART_DELAY_MS_MAX,
    healthyAfterMs: SOUND_AFTER_MS,
  });
  readonly #stop = Promise.withResolvers<void>();
  #running: Promise<void> = Promise.resolve();
  #front: SupervisedFront | null = null;
  #generation = 0;
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
    return this.#front?.pid === pid;
  }

  /** Ends the supervision; called again, it only makes haste. Resolves when no front is left. `wasCut`: requests were lost. */
  async stop(urgency: StopUrgency): Promise<{ readonly wasCut: boolean }> {
    this.#isStopping = true;
    this.#stop.resolve();
    switch (urgency) {
      case "graceful":
        this.#front?.stop({ isNow: false });
        this.#killAfter(this.#options.stopTimeoutMs);
        break;
      case "now":
        this.#front?.stop({ isNow: true });
        this.#killAfter(STOP_NOW_TIMEOUT_MS);
        break;
      case "kill":
        this.#front?.kill();
    }
    await this.#running;
    clearTimeout(this.#killTimer);
    return { wasCut: this.#wasCut };
  }

  async #run(): Promise<void> {
    while (!this.#isStopping) {
      const restartDelayMs = await this.#runFront();
      if (!this.#isStopping && restartDelayMs > 0) {
        await Promise.race([Bun.sleep(restartDelayMs), this.#stop.promise]);
      }
    }
  }

  /** Runs one front to its end and returns how long to wait before the next. */
  async #runFront(): Promise<number> {
    const { spawn, log } = this.#options;
    const generation = ++this.#generation;
    let front: SupervisedFront;
    try {
      front = spawn(generation);
    } catch (error) {
      const restartDelayMs = this.#nextDelayMs(0);
      log.error("front cannot be spawned", { error: error as Error, restartDelayMs });
      return restartDelayMs;
    }
    this.#front = front;
    log.info("front spawned", { pid: front.pid, generation });
    const exit = await front.exited;
    this.#front = null;
    return this.#exited({ pid: front.pid, generation, exit });
  }

  #exited({ pid, generation, exit }: { pid: number; generation: number; exit: FrontExit }): number {
    const { exitCode, signal, wasCut } = exit;
    const livedMs = Math.round(exit.livedMs);
    const { log } = this.#options;
    if (this.#isStopping) {
      this.#wasCut = wasCut;
      log.debug("front stopped", { pid, generation, exitCode, signal, livedMs });
      return 0;
    }
    const restartDelayMs = this.#nextDelayMs(exit.hasStarted ? livedMs : 0);
    const fields = { pid, generation, exitCode, signal, livedMs, restartDelayMs };
    const deathCount = this.#backoff.attemptCount;
    if (deathCount < CRASH_LOOP_DEATHS) log.warn("front died", fields);
    else log.error("fronts keep dying", { ...fields, deathCount });
    return restartDelayMs;
  }

  #nextDelayMs(livedMs: number): number {
    const delayMs = Math.round(this.#backoff.next(livedMs));
    return this.#backoff.attemptCount === 1 ? 0 : delayMs;
  }

  #killAfter(timeoutMs: number): void {
    clearTimeout(this.#killTimer);
    this.#killTimer = setTimeout(() => {
      this.#options.log.error("front killed: it did not stop in time", { pid: this.#front?.pid, timeoutMs });
      this.#front?.kill();
    }, timeoutMs);
  }
}
